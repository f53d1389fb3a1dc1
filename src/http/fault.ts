import type { ErrorCode } from '../errors.ts';

/** A request that is refused before anybody looks at what it means. */
export interface HttpFault {
  readonly status: number;
  readonly code: ErrorCode;
  /** What was wrong and how to put it right. */
  readonly message: string;
  /** The field at fault; `$` is the body as a whole. */
  readonly field?: string;
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Payload Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  417: 'Expectation Failed',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

export const titleOf = (status: number): string => titles[status] ?? 'Error';

/** RFC 9457 problem details with our code and the request id, for everything that no documented endpoint answers. */
export function toProblemDetails(fault: HttpFault, requestId: string, instance?: string): string {
  return JSON.stringify({
    type: 'about:blank',
    title: titleOf(fault.status),
    status: fault.status,
    detail: fault.message,
    ...(instance !== undefined && { instance }),
    ...(fault.field !== undefined && { issues: [{ path: fault.field, message: fault.message, code: fault.code }] }),
    code: fault.code,
    requestId,
    request_id: requestId,
  });
}

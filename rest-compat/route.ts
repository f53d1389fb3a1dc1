import type { IncomingHttpHeaders } from 'node:http';
import type { ErrorCode } from '../src/errors.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A documented request as the HTTP shell hands it over. */
export interface RestCall {
  readonly requestId: string;
  readonly headers: IncomingHttpHeaders;
  readonly params: Readonly<Record<string, string>>;
  /** A parameter that came several times is a list. */
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  /** A JSON object; for a form, its fields as texts, or lists of texts where a name came several times; undefined where the endpoint takes no body. */
  readonly body: unknown;
  /** The text of a JSON body, to the letter. */
  readonly rawBody?: string | undefined;
  readonly isForm: boolean;
  readonly ipAddress: string | null;
  /** Monotonic time of arrival. */
  readonly startedAtMs: number;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Why a request is not served, before a dialect puts it into its own words. */
export interface Problem {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly requestId: string;
  /** In the field names of the dialect. */
  readonly issues?: readonly FieldIssue[];
  /** The stages there are, when an unknown one was named. */
  readonly stages?: readonly string[];
  readonly retryAfterSeconds?: number;
  /** No credential was sent at all. */
  readonly credentialMissing?: boolean;
}

export interface FieldIssue {
  /** Dotted; `$` is the body as a whole. */
  readonly path: string;
  readonly message: string;
  readonly code: string;
}

/** One documented endpoint, ready to be mounted on a path. */
export interface RestRoute {
  readonly method: Method;
  /** With `:name` for a path parameter. */
  readonly path: string;
  /** The formats of body it takes; empty: none. */
  readonly accepts: readonly ('json' | 'form')[];
  /** Everything may stand in the address: then there is no body at all. */
  readonly bodyIsOptional?: boolean;
  /** Pages of any origin call it from a browser: it asks for no credential, so there is none to misuse. */
  readonly anyOrigin?: boolean;
  /** A GET that writes: it is not offered as HEAD. */
  readonly writesOnGet?: boolean;
  readonly handle: (call: RestCall) => Promise<Answer>;
  /** Says in the endpoint's documented shape why the shell could not hand a request over. */
  readonly refuse: (problem: Problem) => Answer;
  /** The same for a body that could not be read, after a look at the credential: a stranger hears of that first. */
  readonly refuseBody?: (fault: Omit<Problem, 'requestId'>, call: RestCall) => Promise<Answer>;
  /** Of a write: whether its caller was just told that more arrives than can be taken, and is told so again before anything is done for it. Absent: the shell decides. */
  readonly isShut?: (headers: IncomingHttpHeaders) => boolean;
}

/** A fixed page. */
export interface Page {
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
}

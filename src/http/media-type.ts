import type { IncomingHttpHeaders } from 'node:http';
import type { HttpFault } from './fault.ts';

export type BodyFormat = 'json' | 'form';

const formats: ReadonlyMap<string, BodyFormat> = new Map([
  ['application/json', 'json'],
  ['application/x-www-form-urlencoded', 'form'],
]);

/** What the headers say about a body: its format, or why we do not take it. */
export function bodyFormatOf(headers: IncomingHttpHeaders, accepted: readonly BodyFormat[]): BodyFormat | HttpFault {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') return unsupportedEncoding;
  const header = headers['content-type'];
  if (header === 'application/json' && accepted.includes('json')) return 'json';
  const [type = '', ...parameters] = (header ?? '').split(';');
  const format = formats.get(type.trim().toLowerCase());
  if (format === undefined || !accepted.includes(format)) return unsupportedType(accepted);
  return parameters.every(isUtf8OrNoCharset) ? format : unsupportedCharset;
}

export function isUtf8OrNoCharset(parameter: string): boolean {
  const [name = '', value = ''] = parameter.split('=');
  if (name.trim().toLowerCase() !== 'charset') return true;
  return /^"?utf-?8"?$/i.test(value.trim());
}

const unsupportedEncoding: HttpFault = {
  status: 415,
  code: 'UNSUPPORTED_ENCODING',
  message: 'Compressed bodies are not taken. Send the body as it is, without Content-Encoding.',
};

const unsupportedCharset: HttpFault = {
  status: 415,
  code: 'UNSUPPORTED_MEDIA_TYPE',
  message: 'Only UTF-8 is taken. Send the body with charset=utf-8.',
};

const unsupportedType = (accepted: readonly BodyFormat[]): HttpFault => ({
  status: 415,
  code: 'UNSUPPORTED_MEDIA_TYPE',
  message: `Send the body with Content-Type: ${[...formats].flatMap(([type, format]) => (accepted.includes(format) ? [type] : [])).join(' or ')}.`,
});

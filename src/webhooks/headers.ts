import { HeaderNotAllowedError } from './errors.ts';

/** Names that the connection, the signature or the document itself speaks for. */
const ours = new Set([
  'host',
  'connection',
  'keep-alive',
  'content-length',
  'content-type',
  'content-encoding',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'accept-encoding',
  'http2-settings',
]);
const oursByPrefix = ['webhook-', 'x-webhook-', 'svix-', 'proxy-', 'sec-', ':'];

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}$/;
/** What a header may hold without any reader taking it for two. */
const printable = /^[\t\x20-\x7e]*$/;
const mostHeaders = 20;
const longestValue = 4096;

/** Stands for a value that is not shown. Sent back, it leaves the value as it is. */
export const mask = '********';

/** The headers that a webhook sends along, checked. Throws HeaderNotAllowedError. */
export function checkHeaders(input: unknown): Readonly<Record<string, string>> {
  if (input === null || input === undefined) return {};
  if (typeof input !== 'object' || Array.isArray(input)) throw new HeaderNotAllowedError('Headers must be an object of names and texts.');
  const entries = Object.entries(input);
  if (entries.length > mostHeaders) throw new HeaderNotAllowedError(`There may be at most ${mostHeaders} headers.`);
  const names = new Set<string>();
  for (const [name, value] of entries) {
    const lower = name.toLowerCase();
    if (!token.test(name)) throw new HeaderNotAllowedError('A header name has characters that no header name may have.');
    if (ours.has(lower) || oursByPrefix.some((prefix) => lower.startsWith(prefix))) {
      throw new HeaderNotAllowedError(`The header ${name} is set by this server.`);
    }
    if (names.has(lower)) throw new HeaderNotAllowedError(`The header ${name} stands there twice.`);
    names.add(lower);
    if (typeof value !== 'string' || value.length > longestValue || !printable.test(value)) {
      throw new HeaderNotAllowedError(`The value of ${name} must be one line of printable ASCII of at most ${longestValue} characters.`);
    }
  }
  return Object.fromEntries(entries);
}

import { isUtf8 } from 'node:buffer';
import { measureJson } from '../platform/text.ts';
import type { HttpFault } from './fault.ts';

/** Nesting and keys of a whole body. Deeper or wider ones cost more to handle than any lead is worth. */
const limit = { depth: 32, keys: 500 } as const;

export type ParsedBody = { readonly value: unknown; readonly text?: string; readonly fault?: undefined } | { readonly fault: HttpFault };

/** Parsing 100,000 levels takes 100 ms, most of it to collect them again: so large bodies are measured before. */
const measureFirstBytes = 16 * 1024;

/** The JSON value in a body. Keys such as `__proto__` are plain data: JSON.parse defines them as own properties. */
export function parseJson(body: Buffer): ParsedBody {
  if (!isUtf8(body)) return { fault: invalidJson('it is not UTF-8') };
  if (body.length > measureFirstBytes) {
    const nesting = measureNesting(body);
    if (nesting.deepest > limit.depth)
      return { fault: nesting.isClosed ? payloadTooComplex : invalidJson('it ends before its brackets close') };
  }
  const decoded = body.toString('utf8');
  const text = decoded.startsWith('\uFEFF') ? decoded.slice(1) : decoded;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: invalidJson(body.length === 0 ? 'it is empty' : 'it does not follow the JSON grammar') };
  }
  return isTooComplex(value) ? { fault: payloadTooComplex } : { value, text };
}

/** {@link parseJson} for a body that must be an object. */
export function parseJsonObject(body: Buffer): ParsedBody {
  const parsed = parseJson(body);
  if (parsed.fault || (typeof parsed.value === 'object' && parsed.value !== null && !Array.isArray(parsed.value))) return parsed;
  return { fault: notAnObject };
}

/** How deep brackets nest in a text that may or may not be JSON, and whether each is closed at its end. */
function measureNesting(body: Buffer): { readonly deepest: number; readonly isClosed: boolean } {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i];
    if (inString) {
      if (byte === backslash) i++;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === openBracket || byte === openBrace) deepest = Math.max(deepest, ++depth);
    else if (byte === closeBracket || byte === closeBrace) depth--;
  }
  return { deepest, isClosed: depth === 0 && !inString };
}

const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace] = Buffer.from('"\\[]{}');

/** Whether a value nests deeper, or holds more keys, than a body may. */
export function isTooComplex(value: unknown): boolean {
  const size = measureJson(value, limit);
  return size.depth > limit.depth || size.keys > limit.keys;
}

export const payloadTooComplex: HttpFault = {
  status: 400,
  code: 'PAYLOAD_TOO_COMPLEX',
  message: `The body nests deeper than ${limit.depth} levels or holds more than ${limit.keys} keys.`,
};

const invalidJson = (why: string): HttpFault => ({ status: 400, code: 'INVALID_JSON', message: `The body is not JSON: ${why}.` });

const notAnObject: HttpFault = { status: 400, code: 'VALIDATION_FAILED', message: 'The body must be a JSON object.', field: '$' };

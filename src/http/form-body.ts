import { isUtf8 } from 'node:buffer';
import type { HttpFault } from './fault.ts';
import { type ParsedBody, payloadTooComplex } from './json-body.ts';

const maxFields = 500;

/** The fields of an `application/x-www-form-urlencoded` body. A name that comes several times has a list of its values. */
export function parseForm(body: Buffer): ParsedBody {
  if (!isUtf8(body)) return { fault: malformedForm };
  const pairs = body.toString('utf8').split('&', maxFields + 1);
  if (pairs.length > maxFields) return { fault: payloadTooComplex };
  try {
    const values = new Map<string, string | string[]>();
    for (const pair of pairs) {
      if (pair === '') continue;
      const [name, value] = decodePair(pair);
      const before = values.get(name);
      values.set(name, before === undefined ? value : [before, value].flat());
    }
    // fromEntries defines own properties, so a field named `__proto__` stays plain data.
    return { value: Object.fromEntries(values) };
  } catch {
    return { fault: malformedForm };
  }
}

function decodePair(pair: string): readonly [name: string, value: string] {
  const cut = pair.indexOf('=');
  return cut < 0 ? [decode(pair), ''] : [decode(pair.slice(0, cut)), decode(pair.slice(cut + 1))];
}

/** Throws for a broken escape, which a forgiving parser would turn into other text than was sent. */
const decode = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));

const malformedForm: HttpFault = {
  status: 400,
  code: 'VALIDATION_FAILED',
  message: 'The form body has a broken percent escape or is not UTF-8.',
  field: '$',
};

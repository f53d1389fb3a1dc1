import { describe, expect, it } from 'vitest';
import { parseJson, parseJsonObject } from '../../src/http/json-body.ts';
import { malformedJson } from './malformed-json.ts';

const codeOf = (body: string | Buffer): string | undefined => parseJson(Buffer.from(body)).fault?.code;

describe('a JSON body', () => {
  it.each(malformedJson)('row 1: is refused as INVALID_JSON: %s', (_name, body) => {
    expect(codeOf(body)).toBe('INVALID_JSON');
  });

  it.each(['[]', '"x"', '1', 'null', 'true'])('row 3: must be an object: %s', (body) => {
    expect(parseJsonObject(Buffer.from(body)).fault).toMatchObject({ status: 400, code: 'VALIDATION_FAILED', field: '$' });
  });

  it('may begin with a byte order mark', () => {
    expect(parseJsonObject(Buffer.from('\uFEFF{"a":1}'))).toEqual({ value: { a: 1 }, text: '{"a":1}' });
  });

  it('row 9: keeps __proto__ and constructor as plain data', () => {
    const { value } = parseJson(Buffer.from('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}')) as {
      value: object;
    };
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  it('row 6: nests at most 32 levels', () => {
    expect(codeOf(nested(32))).toBeUndefined();
    expect(codeOf(nested(33))).toBe('PAYLOAD_TOO_COMPLEX');
  });

  it('row 7: holds at most 500 keys in all', () => {
    expect(codeOf(wide(500))).toBeUndefined();
    expect(codeOf(wide(501))).toBe('PAYLOAD_TOO_COMPLEX');
    expect(codeOf(`{"a":${wide(250)},"b":[${wide(250)}]}`)).toBe('PAYLOAD_TOO_COMPLEX');
  });

  it.each([100_000, 120_000, 200_000])('row 6: that nests %i levels is refused within 50 ms', (depth) => {
    const body = Buffer.from(nested(depth));
    const start = performance.now();
    expect(parseJson(body).fault?.code).toBe('PAYLOAD_TOO_COMPLEX');
    expect(performance.now() - start).toBeLessThan(50);
  });
});

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const wide = (keys: number): string => JSON.stringify(Object.fromEntries(Array.from({ length: keys }, (_, i) => [`k${i}`, i])));

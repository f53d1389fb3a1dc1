import { describe, expect, it } from 'vitest';
import { parseForm } from '../../src/http/form-body.ts';

const parse = (body: string | Buffer) => parseForm(Buffer.from(body));

describe('a form body', () => {
  it.each([
    ['email=jo%40x.test&first_name=Jo+Ann', { email: 'jo@x.test', first_name: 'Jo Ann' }],
    ['a=1&a=2', { a: ['1', '2'] }],
    ['a=1&b=x&a=&a=1', { a: ['1', '', '1'], b: 'x' }],
    ['a', { a: '' }],
    ['a=b=c', { a: 'b=c' }],
    ['&&a=1&', { a: '1' }],
    ['', {}],
    ['name=%F0%9F%98%80', { name: '😀' }],
  ])('%s', (body, fields) => {
    expect(parse(body)).toEqual({ value: fields });
  });

  it.each(['a=%', 'a=%zz', 'a=%ff', 'a=%ed%a0%80'])('is refused rather than guessed at: %s', (body) => {
    expect(parse(body).fault).toMatchObject({ status: 400, code: 'VALIDATION_FAILED', field: '$' });
  });

  it('is refused when its bytes are not UTF-8', () => {
    expect(parse(Buffer.from([0x61, 0x3d, 0xff])).fault?.code).toBe('VALIDATION_FAILED');
  });

  it('keeps a field named __proto__ as plain data', () => {
    expect(Object.entries((parse('__proto__=x&__proto__=y') as { value: object }).value)).toEqual([['__proto__', ['x', 'y']]]);
  });

  it('has at most 500 fields', () => {
    expect(parse(Array.from({ length: 501 }, (_, i) => `f${i}=1`).join('&')).fault?.code).toBe('PAYLOAD_TOO_COMPLEX');
  });
});

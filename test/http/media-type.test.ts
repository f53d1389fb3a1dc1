import { describe, expect, it } from 'vitest';
import { bodyFormatOf } from '../../src/http/media-type.ts';

const both = ['json', 'form'] as const;

describe('the headers of a body', () => {
  it.each([
    ['application/json', 'json'],
    ['Application/JSON', 'json'],
    ['application/json; charset=utf-8', 'json'],
    ['application/json;charset="UTF-8"', 'json'],
    ['application/json; profile=x; charset=utf8', 'json'],
    ['application/x-www-form-urlencoded', 'form'],
    ['application/x-www-form-urlencoded; charset=UTF-8', 'form'],
  ])('say what it is: %s', (type, format) => {
    expect(bodyFormatOf({ 'content-type': type }, both)).toBe(format);
  });

  it.each([
    undefined,
    '',
    'text/plain',
    'application/xml',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'application/json; charset=latin1',
    'application/jsonp',
  ])('are refused with UNSUPPORTED_MEDIA_TYPE: %s', (type) => {
    expect(bodyFormatOf({ 'content-type': type }, both)).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
  });

  it('are refused where a form is not taken', () => {
    expect(bodyFormatOf({ 'content-type': 'application/x-www-form-urlencoded' }, ['json'])).toMatchObject({ status: 415 });
  });

  it.each(['gzip', 'br', 'identity, gzip', 'deflate'])('are refused with UNSUPPORTED_ENCODING: %s', (encoding) => {
    expect(bodyFormatOf({ 'content-type': 'application/json', 'content-encoding': encoding }, both)).toMatchObject({
      status: 415,
      code: 'UNSUPPORTED_ENCODING',
    });
  });

  it('may name the encoding that changes nothing', () => {
    expect(bodyFormatOf({ 'content-type': 'application/json', 'content-encoding': 'identity' }, both)).toBe('json');
  });
});

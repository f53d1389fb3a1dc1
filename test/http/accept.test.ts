import { expect, it } from 'vitest';
import { acceptedTypes } from '../../src/http/accept.ts';

const [json, modern, events, multipart] = ['application/json', 'application/graphql-response+json', 'text/event-stream', 'multipart/mixed'];
const all = [json, modern, events, multipart];

it.each([
  [undefined, all],
  ['', all],
  [' ', all],
  ['*/*', all],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', all],
  ['application/*', [json, modern]],
  ['text/*', [events]],
  ['APPLICATION/JSON', [json]],
  ['application/json; charset=utf-8', [json]],
  ['application/json;charset="UTF-8";q=0.5;v=2', [json]],
  ['application/json; charset=latin1', []],
  ['application/graphql-response+json, application/json', [modern, json]],
  ['application/graphql-response+json;q=0.5, application/json;q=0.9', [json, modern]],
  ['text/html, application/json', [json]],
  ['multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json', [multipart, json]],
  ['application/json;q=0, */*;q=0.1', [modern, events, multipart]],
  ['text/event-stream;q=0, */*', [json, modern, multipart]],
  ['application/json;q=nonsense', [json]],
  ['application/json; Q=0.000', []],
  ['*/*;q=0', []],
  ['text/html', []],
  ['application/xml', []],
  ['text/plain', []],
  ['image/png', []],
  ['nonsense', []],
  [',', []],
])('%s allows %j', (accept, types) => {
  expect(acceptedTypes(accept)).toEqual(types);
  if (types.length > 0) expect(acceptedTypes(types.join(', '))).toEqual(types);
});

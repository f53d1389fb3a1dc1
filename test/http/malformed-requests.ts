const body = 'Content-Type: application/json\r\n';

/** Requests that are none, by what is wrong with them. A parser that reads one otherwise than the next could be made to see two. */
export const malformedRequests: readonly (readonly [name: string, bytes: string])[] = [
  ['CL and TE', `POST /echo HTTP/1.1\r\nHost: x\r\n${body}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX`],
  ['two lengths', `POST /echo HTTP/1.1\r\nHost: x\r\n${body}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}X`],
  ['a list of lengths', `POST /echo HTTP/1.1\r\nHost: x\r\n${body}Content-Length: 2, 2\r\n\r\n{}`],
  ['a signed length', `POST /echo HTTP/1.1\r\nHost: x\r\n${body}Content-Length: +2\r\n\r\n{}`],
  ['a negative length', `POST /echo HTTP/1.1\r\nHost: x\r\n${body}Content-Length: -2\r\n\r\n{}`],
  ['a hexadecimal length', `POST /echo HTTP/1.1\r\nHost: x\r\n${body}Content-Length: 0x2\r\n\r\n{}`],
  ['an unknown transfer coding', `POST /echo HTTP/1.1\r\nHost: x\r\n${body}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
  ['a misspelt transfer coding', `POST /echo HTTP/1.1\r\nHost: x\r\n${body}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  ['a bad chunk size', `POST /echo HTTP/1.1\r\nHost: x\r\n${body}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
  ['a folded header', `POST /echo HTTP/1.1\r\nHost: x\r\n${body}Transfer-Encoding:\r\n chunked\r\nContent-Length: 2\r\n\r\n{}`],
  ['a space before the colon', `POST /echo HTTP/1.1\r\nHost: x\r\n${body}Content-Length : 2\r\n\r\n{}`],
  ['a line feed alone', 'GET /healthz HTTP/1.1\nHost: x\n\n'],
  ['NUL in a header', 'GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n'],
  ['a header without a colon', 'GET /healthz HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n'],
  ['a header without a name', 'GET /healthz HTTP/1.1\r\nHost: x\r\n: value\r\n\r\n'],
  ['two hosts', 'GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n'],
  ['no host', 'GET /healthz HTTP/1.1\r\n\r\n'],
  ['an unknown version', 'GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n'],
  ['an unknown method', 'SMUGGLE /healthz HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['an unknown expectation', 'GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: magic\r\n\r\n'],
];

/** What no caller may reach past a proxy: see that nobody served it. */
export const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

const post = (headers: string, content: string): string => `POST /echo HTTP/1.1\r\nHost: x\r\n${body}${headers}\r\n${content}`;
const asChunk = `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`;
const behindChunks = `0\r\n\r\n${smuggled}`;

/** Ways to spell the transfer coding, so that one reader sees chunks and the next a length. */
const spellings: readonly string[] = [
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: cHuNkEd',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding\t: chunked',
  'Transfer-Encoding:\x0bchunked',
  'Transfer-Encoding: chunked\0',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
  'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding:\r\n chunked',
  'X: y\nTransfer-Encoding: chunked',
];

/** Malformed requests with a second one in their body, which a reader that goes by the other rule takes for the next. */
export const hidingRequests: readonly (readonly [name: string, bytes: string])[] = [
  ...spellings.flatMap((spelling) => [
    [
      `by length a body, by ${JSON.stringify(spelling)} the next`,
      post(`Content-Length: ${behindChunks.length}\r\n${spelling}\r\n`, behindChunks),
    ] as const,
    [
      `by ${JSON.stringify(spelling)} a chunk, by length the next`,
      post(`Content-Length: ${asChunk.indexOf('GET')}\r\n${spelling}\r\n`, asChunk),
    ] as const,
  ]),
  ['a line feed alone behind a chunk extension', post('Transfer-Encoding: chunked\r\n', `2;\nxx\r\n${asChunk}`)],
  ['a chunk size that is too large for any counter', post('Transfer-Encoding: chunked\r\n', `10000000000000002\r\n{}\r\n${behindChunks}`)],
  ['a chunk size with 0x', post('Transfer-Encoding: chunked\r\n', `0x2\r\n{}\r\n${behindChunks}`)],
  ['a chunk that ends otherwise', post('Transfer-Encoding: chunked\r\n', `2\r\n{}XX${behindChunks}`)],
  [
    'chunks in HTTP/1.0',
    `POST /echo HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n${body}Content-Length: ${behindChunks.length}\r\nTransfer-Encoding: chunked\r\n\r\n${behindChunks}`,
  ],
];

/** Nothing is wrong with these: but whoever answers without reading the body must not take it for the next request. */
export const unreadBodies: readonly (readonly [name: string, bytes: string])[] = [
  ['of a GET', `GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`],
  ['for a path that is not there', `POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`],
  ['in chunks, of a type that is not taken', `POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${asChunk}`],
  [
    'that the caller asks for leave to send',
    `POST /nothing HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
  ],
];

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

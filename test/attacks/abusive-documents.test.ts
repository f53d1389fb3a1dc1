import { WebSocket } from 'ws';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operationLimits } from '../../src/graphql/limits/limits.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { type AbusiveDocument, abusiveDocuments } from './abusive-documents.ts';
import { countResolvers } from './resolver-counter.ts';

const resolvers = countResolvers();
let app: TestApp;
let socket: WebSocket;
beforeAll(async () => {
  app = await startApp();
  socket = new WebSocket(`${app.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  await once(socket, 'message');
});
afterAll(async () => {
  socket.terminate();
  await app.end();
});

const abuses = Object.entries(abusiveDocuments);
const code = expect.stringMatching(
  /^(OPERATION_TOO_COMPLEX|GRAPHQL_VALIDATION_FAILED|BAD_USER_INPUT|PAYLOAD_TOO_COMPLEX|PAYLOAD_TOO_LARGE)$/,
);
const refusal = { message: expect.any(String), extensions: expect.objectContaining({ code, requestId: expect.any(String) }) };

/** Numbers that would tell how far one can go. Those of the document itself (a position, a name) are not among them. */
const numbers = Object.values(operationLimits).filter((limit) => limit > 50);
const printsLimit = (messages: readonly string[]) =>
  messages.some((message) => numbers.some((limit) => new RegExp(String.raw`\b${limit}\b`).test(message)));

interface Refused {
  readonly data?: unknown;
  readonly errors: readonly { readonly message: string }[];
}

function expectRefusal(answer: Refused): void {
  expect(answer).not.toHaveProperty('data');
  expect(answer.errors.length).toBeGreaterThan(0);
  for (const error of answer.errors) expect(error).toMatchObject(refusal);
  expect(printsLimit(answer.errors.map(({ message }) => message))).toBe(false);
  expect(resolvers.ran()).toBe(0);
}

async function post(body: AbusiveDocument, accept: string): Promise<Response> {
  return fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify(body),
  });
}

interface Message {
  readonly id: string;
  readonly type: string;
  readonly payload: Refused & Refused['errors'];
}

/** The first message about an operation. */
function answerTo(id: string): Promise<Message> {
  return new Promise((resolve) => {
    const take = (data: Buffer): void => {
      const message = JSON.parse(data.toString()) as Message;
      if (message.id !== id || message.type === 'complete') return;
      socket.off('message', take);
      resolve(message);
    };
    socket.on('message', take);
  });
}

it('row 64: there are forty of them', () => {
  expect(abuses).toHaveLength(40);
});

describe('row 64: an abusive document is refused, without a limit in the message and without a resolver run', () => {
  it.each(abuses)('%s, by POST', async (_name, body) => {
    const response = await post(body, 'application/graphql-response+json');
    expect([400, 413]).toContain(response.status);
    expectRefusal(await response.json());
    const legacy = await post(body, 'application/json');
    expect([200, 400, 413]).toContain(legacy.status);
    expectRefusal(await legacy.json());
  });

  it('each by GET, where it fits into an address', async () => {
    for (const [name, { query, variables }] of abuses) {
      const search = new URLSearchParams({ query, ...(variables && { variables: JSON.stringify(variables) }) });
      if (search.size > 8000 || String(search).length > 7500 || query.startsWith('mutation')) continue;
      const response = await fetch(`${app.url}/graphql?${search}`, { headers: { accept: 'application/graphql-response+json' } });
      expect(response.status, name).toBe(400);
      expectRefusal((await response.json()) as Refused);
    }
  });

  it('each as an event stream', async () => {
    for (const [name, body] of abuses) {
      const text = await (await post(body, 'text/event-stream')).text();
      const [, json = text] = /^data: (\{.*\})$/m.exec(text) ?? [];
      expect(() => JSON.parse(json), name).not.toThrow();
      expectRefusal(JSON.parse(json) as Refused);
    }
  });

  it('each over a WebSocket', async () => {
    for (const [name, payload] of abuses) {
      const text = JSON.stringify({ id: name, type: 'subscribe', payload });
      // Larger messages end the connection: row 67.
      if (text.length > 64 * 1024) continue;
      socket.send(text);
      const message = await answerTo(name);
      expectRefusal(Array.isArray(message.payload) ? { errors: message.payload } : message.payload);
    }
  });

  it('each in at most 50 ms of CPU', async () => {
    for (const [name, body] of abuses) {
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 20 && least > 25; i += 1) {
        const before = process.cpuUsage();
        await (await post(body, 'application/json')).arrayBuffer();
        const { user, system } = process.cpuUsage(before);
        least = Math.min(least, (user + system) / 1000);
      }
      expect(least, name).toBeLessThan(50);
    }
  });
});

it('a subscription is measured before it begins', async () => {
  const body = {
    query:
      'subscription { leadChanges { change { lead { timeline(first: 100) { nodes { lead { timeline(first: 100) { nodes { id } } } } } } } } }',
  };
  const text = await (await post(body, 'text/event-stream')).text();
  expect(text).toContain('"code":"OPERATION_TOO_COMPLEX"');
  expect(resolvers.ran()).toBe(0);
});

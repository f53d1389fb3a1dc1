import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BareServer, echo, smuggledRoute, startBareServer } from '../http/bare-server.ts';
import { hidingRequests, malformedRequests, smuggled, unreadBodies } from '../http/malformed-requests.ts';
import { sendRaw } from '../http/running-app.ts';
import { until } from '../live/change-log.ts';
import { type RealProxy, startHaproxy, startNginx } from './real-proxy.ts';

/** What a proxy puts right before it hands the request on: then there is nothing to refuse any more. */
const repairs: Readonly<Record<string, readonly string[]>> = {
  nginx: ['a line feed alone', 'a header without a colon', 'an unknown expectation'],
  HAProxy: ['a line feed alone', 'a list of lengths', 'an unknown version'],
};

describe.each([
  ['nginx', startNginx],
  ['HAProxy', startHaproxy],
])('row 61: behind %s, which lets nobody ask for /smuggled', (name, start) => {
  const served: string[] = [];
  let server: BareServer;
  let proxy: RealProxy;
  beforeAll(async () => {
    server = await startBareServer({ routes: [echo, smuggledRoute(served)] });
    proxy = await start(server.port);
    // It asks first whether the server is ready.
    await until('it hands requests on', async () => (await idAnsweredTo('first')) === 'first');
  });
  beforeEach(() => void served.splice(0));
  afterAll(async () => {
    await proxy.stop();
    await server.close();
  });

  /** Over a connection of its own; the proxy keeps those to the server. Another id would be the answer to somebody else's request. */
  async function idAnsweredTo(id: string): Promise<string | undefined> {
    const answer = await sendRaw(proxy.port, `GET /healthz HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${id}\r\nConnection: close\r\n\r\n`);
    return /\r\nx-request-id: (.*)\r\n/i.exec(answer)?.[1];
  }

  async function expectNothingSmuggled(): Promise<void> {
    for (const id of ['next', 'next but one']) expect(await idAnsweredTo(id.replaceAll(' ', '-'))).toBe(id.replaceAll(' ', '-'));
    expect(served).toEqual([]);
  }

  it('could be served, if it came through', async () => {
    await server.sendRaw(smuggled);
    expect(served).toHaveLength(1);
    expect(await sendRaw(proxy.port, smuggled)).toMatch(/^HTTP\/1\.1 403 /);
    expect(served).toHaveLength(1);
  });

  it.each(malformedRequests)('%s', async (what, bytes) => {
    const answer = await sendRaw(proxy.port, bytes + smuggled);
    const expected = repairs[name]?.includes(what) ? /^HTTP\/1\.1 200 / : /^HTTP\/1\.[01] (400|417|431|501|505) /;
    expect(answer).toMatch(expected);
    await expectNothingSmuggled();
  });

  it.each(hidingRequests)('%s', async (_what, bytes) => {
    expect(await sendRaw(proxy.port, bytes)).toMatch(/^HTTP\/1\.[01] (400|422|501) /);
    await expectNothingSmuggled();
  });

  it.each(unreadBodies)('a body that nobody reads: %s', async (_what, bytes) => {
    expect(await sendRaw(proxy.port, bytes)).toMatch(/^(HTTP\/1\.1 100 Continue\r\n\r\n)?HTTP\/1\.1 (200|404|415) /);
    await expectNothingSmuggled();
  });
});

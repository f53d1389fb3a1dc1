import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTurnWatch } from '../../src/http/long-turns.ts';
import { type BareServer, startBareServer } from './bare-server.ts';

const theTurn = () => new Promise((resolve) => setImmediate(resolve));

/** A turn in which so many requests come, each after so many milliseconds of work. Which of them are too many? */
function createLoop() {
  let now = 1;
  const isTooMany = createTurnWatch(() => now);
  return {
    async turn(requests: number, msEach: number): Promise<number> {
      let tooMany = 0;
      for (let i = 0; i < requests; i += 1) {
        if (isTooMany()) tooMany += 1;
        else now += msEach;
      }
      await theTurn();
      return tooMany;
    },
    rest: (ms: number) => void (now += ms),
  };
}

describe('what fills the turns of the event loop', () => {
  it('is cut down from the second long turn on', async () => {
    const loop = createLoop();
    expect(await loop.turn(200, 1)).toBe(0);
    expect(await loop.turn(200, 1)).toBe(200 - 64);
    expect(await loop.turn(250, 0.125)).toBe(250 - 201);
  });

  it('is cut down further once a whole crowd asked in one turn', async () => {
    const loop = createLoop();
    expect(await loop.turn(500, 1)).toBe(0);
    expect(await loop.turn(500, 1)).toBe(500 - 32);
    expect(await loop.turn(200, 1)).toBe(200 - 32);
    expect(await loop.turn(200, 1)).toBe(200 - 64);
  });

  it('may be a burst every now and then', async () => {
    const loop = createLoop();
    for (let i = 0; i < 5; i += 1) {
      expect(await loop.turn(500, 1)).toBe(0);
      loop.rest(251);
    }
  });

  it('is never cut below 64 requests in a turn, or 32 of a crowd, nor where a turn is short', async () => {
    const turn = fc.record({ requests: fc.nat(300), msEach: fc.double({ min: 0, max: 20, noNaN: true }) });
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 8 }), async (turns) => {
        const loop = createLoop();
        let least = 64;
        for (const { requests, msEach } of turns) {
          const tooMany = await loop.turn(requests, msEach);
          expect(requests - tooMany).toBeGreaterThanOrEqual(Math.min(requests, least));
          if (requests * msEach <= 25) expect(tooMany).toBe(0);
          if (requests > 0) least = requests > 256 ? 32 : 64;
        }
      }),
      { numRuns: 100 },
    );
  });
});

const one = (headers = ''): string => `GET /graphql?query={a} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
const isRefusal = (answer: string): boolean => answer.startsWith('HTTP/1.1 503 ');

describe('a flood of operations', () => {
  let server: BareServer;
  beforeAll(async () => {
    server = await startBareServer({
      corsOrigins: ['https://app.example.com'],
      graphql(_request, response) {
        const began = performance.now();
        while (performance.now() - began < 2);
        response.setHeader('content-type', 'application/json').end('{"data":{}}');
      },
    });
  });
  afterAll(() => server.close());

  const asked = 'Origin: https://app.example.com\r\nAccept: application/graphql-response+json\r\n';
  const flood = async (): Promise<string[]> =>
    (await server.sendRaw(one(asked).repeat(199) + one(`${asked}Connection: close\r\n`))).split(/(?=HTTP\/1\.1 )/);

  it('is refused in part, as GraphQL clients read it, and is over when it is over', async () => {
    const first = await flood();
    expect([first.length, first.filter(isRefusal).length]).toEqual([200, 0]);
    let next = await flood();
    // A pause of the machine between two of them makes each a burst of its own.
    for (let i = 0; i < 20 && !next.some(isRefusal); i += 1) next = await flood();
    expect([next.length, next.filter(isRefusal).length]).toEqual([200, 200 - 64]);

    const refusal = next.find(isRefusal) ?? '';
    expect(refusal).toMatch(/^retry-after: 1\r$/m);
    expect(refusal).toMatch(/^content-type: application\/graphql-response\+json; charset=utf-8\r$/m);
    expect(refusal).toMatch(/^access-control-allow-origin: https:\/\/app\.example\.com\r$/m);
    const requestId = /^x-request-id: (\S+)\r$/m.exec(refusal)?.[1];
    const message = 'More requests are waiting than can be served in time. Try again in 1 s.';
    const body: unknown = JSON.parse(refusal.slice(refusal.indexOf('\r\n\r\n')));
    expect(body).toEqual({ errors: [{ message, extensions: { code: 'OVERLOADED', requestId, retryAfterSeconds: 1 } }] });

    expect((await fetch(`${server.url}/graphql?query={a}`)).status).toBe(200);
  });
});

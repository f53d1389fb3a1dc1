import { randomUUID } from 'node:crypto';
import type { Delivery, Webhook } from '../../prisma/generated/client/client.ts';
import { followLog } from '../../src/changes/follow-log.ts';
import { createPipeline } from '../../src/pipeline/stage.ts';
import type { OutboundAnswer, OutboundHttp, OutboundRequest } from '../../src/platform/outbound-http.ts';
import { createSecretBox } from '../../src/platform/secret-box.ts';
import { createWebhookEngine, type WebhookEngine } from '../../src/webhooks/engine.ts';
import { newSecret } from '../../src/webhooks/signature.ts';
import { secretPurpose } from '../../src/webhooks/webhook.ts';
import { type ChangeLog, createChangeLog, silent } from '../live/change-log.ts';

export const secrets = createSecretBox('a key for tests of the engine', '.');
export const hour = 3_600_000;
export const day = 24 * hour;

export interface FakeCall {
  readonly at: number;
  readonly url: string;
  readonly id: string;
  readonly body: string;
  readonly attempt: number;
}

/** What an endpoint answers: a status, or the whole answer; a thrown error is a failed connection. */
export type Answer = (call: FakeCall) => number | Partial<OutboundAnswer> | Promise<number | Partial<OutboundAnswer>>;

/** The engine over a real database, with endpoints that are functions and a clock that the test moves. */
export interface EngineWorld extends ChangeLog {
  readonly accountId: string;
  readonly engine: WebhookEngine;
  readonly calls: FakeCall[];
  answer: Answer;
  now: Date;
  /** Another engine over the same database, as of another process; with real calls where it is given what makes them. */
  newEngine(answer?: Answer, outbound?: OutboundHttp): WebhookEngine;
  addWebhook(values?: Partial<Webhook>): Promise<string>;
  webhook(id: string): Promise<Webhook>;
  deliveries(webhookId: string): Promise<Delivery[]>;
  /** Lets time pass, from one due moment to the next. */
  pass(ms: number): Promise<void>;
}

export async function createEngineWorld(): Promise<EngineWorld> {
  const log = await createChangeLog();
  const { database } = log;
  const accountId = await log.newAccount();
  const follower = followLog(database, silent);
  const engines: WebhookEngine[] = [];
  const calls: FakeCall[] = [];

  function newEngine(answer?: Answer, outbound?: OutboundHttp): WebhookEngine {
    const fake: OutboundHttp = {
      resolve: () => Promise.resolve(['127.0.0.1']),
      async call({ url, headers = {}, body = '' }: OutboundRequest) {
        const call = {
          at: world.now.getTime(),
          url: url.href,
          id: headers['webhook-id'] ?? '',
          body: String(body),
          attempt: Number(headers['x-webhook-attempt']),
        };
        calls.push(call);
        const said = await (answer ?? world.answer)(call);
        const { status = 200, ...rest } = typeof said === 'number' ? { status: said } : said;
        return { status, headers: {}, body: Buffer.from(''), isTruncated: false, address: '127.0.0.1', ...rest };
      },
    };
    const http = outbound ?? fake;
    const pipeline = createPipeline(['Form Started', 'Paid']);
    const engine = createWebhookEngine({ database, follower, pipeline, secrets, http, log: silent, now: () => world.now });
    engines.push(engine);
    return engine;
  }

  const world: EngineWorld = {
    ...log,
    accountId,
    calls,
    answer: () => 200,
    now: new Date('2026-03-01T00:00:00Z'),
    get engine() {
      return engines[0] ?? newEngine();
    },
    newEngine,
    async addWebhook(values = {}) {
      const id = randomUUID();
      await database.prisma.webhook.create({
        data: {
          id,
          accountId,
          name: id,
          url: 'http://endpoint.example/hook',
          method: 'POST',
          events: ['lead.created', 'lead.updated'],
          payloadFormat: 'full',
          position: 0n,
          createdBy: 'test',
          secret: secrets.seal(newSecret(), secretPurpose(id)),
          ...values,
          headers: {},
          filter: values.filter ?? {},
          olderSecrets: [],
        },
      });
      return id;
    },
    webhook: (id) => database.prisma.webhook.findUniqueOrThrow({ where: { id } }),
    deliveries: (webhookId) => database.prisma.delivery.findMany({ where: { webhookId }, orderBy: { seq: 'asc' } }),
    async pass(ms) {
      const end = world.now.getTime() + ms;
      await world.engine.runDue();
      for (;;) {
        const next = await database.prisma.delivery.findFirst({
          where: { nextAttemptAt: { gt: world.now, lte: new Date(end) }, held: false },
          orderBy: { nextAttemptAt: 'asc' },
        });
        if (!next?.nextAttemptAt) break;
        world.now = next.nextAttemptAt;
        await world.engine.runDue();
      }
      world.now = new Date(end);
      await world.engine.runDue();
    },
    async close() {
      for (const engine of engines) await engine.close();
      follower.close();
      await log.close();
    },
  };
  return world;
}

/** The seqs that a call's body tells, in order. */
export const seqsOf = (calls: readonly FakeCall[]): number[] => calls.map(({ body }) => Number(JSON.parse(body).seq));

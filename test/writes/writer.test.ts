import { afterAll, beforeAll, expect, it } from 'vitest';
import { newUuid } from '../../src/platform/ids.ts';
import { emptyLead } from '../../src/leads/lead.ts';
import { Prisma } from '../../prisma/generated/client/client.ts';
import type { Command } from '../../src/writes/draft.ts';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let accountId: string;
beforeAll(async () => {
  app = await startApp();
  accountId = (await app.graphql('{ viewer { account { id } } }')).data.viewer.account.id.slice('acc_'.length);
});
afterAll(() => app.end());

const zero = new Prisma.Decimal(0);

/** Makes a lead whose id the caller chooses. */
const makeLead = (id: string, phone: string | null = null): Command<number> => ({
  operation: 'makeLead',
  touches: {},
  idempotency: null,
  apply(draft) {
    const number = draft.nextLeadNumber();
    const lead = { ...emptyLead({ id, accountId, number, stage: 'Paid', createdAt: draft.now, zero }), phone };
    draft.put('Lead', lead);
    draft.recordChange({ type: 'lead.created', lead, origin: 'test', actor: 'test', summary: 'made', occurredAt: draft.now });
    return number;
  },
});

const write = (command: Command<number>) => app.services.writer.write(accountId, 'test', command);

it('lets the command that the database refuses fail alone', async () => {
  const commands = [makeLead(newUuid()), makeLead(newUuid()), makeLead('not a uuid'), makeLead(newUuid())];
  const answers = await Promise.allSettled(commands.map(write));
  expect(answers.map((answer) => answer.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  const { data } = await app.graphql('{ leads(orderBy: OLDEST) { nodes { number } } changes { nodes { seq } } }');
  expect(data.leads.nodes.map((lead: { number: number }) => lead.number)).toEqual([1, 2, 3]);
  expect(data.changes.nodes.map((change: { seq: number }) => change.seq)).toEqual([1, 2, 3]);
});

it('answers within 2.5 s when the account is locked by somebody else, and goes on afterwards', async () => {
  const holder = await app.services.database.readPool.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT 1 FROM "LogHead" WHERE "accountId" = $1 FOR UPDATE', [accountId]);
  const began = performance.now();
  await expect(write(makeLead(newUuid()))).rejects.toMatchObject({ code: 'DB_UNAVAILABLE', retryAfterSeconds: 1 });
  expect(performance.now() - began).toBeLessThan(2500);
  await holder.query('ROLLBACK');
  holder.release();
  await expect(write(makeLead(newUuid()))).resolves.toMatchObject({ replayed: false });
});

it('says so when more is waiting than can be answered in time', async () => {
  const holder = await app.services.database.readPool.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT 1 FROM "LogHead" WHERE "accountId" = $1 FOR UPDATE', [accountId]);
  const answers = await Promise.allSettled(Array.from({ length: 9000 }, () => write(makeLead(newUuid()))));
  await holder.query('ROLLBACK');
  holder.release();
  const codes = new Set(answers.map((answer) => (answer.status === 'rejected' ? answer.reason.code : 'fulfilled')));
  expect(codes).toEqual(new Set(['DB_UNAVAILABLE', 'OVERLOADED']));
});

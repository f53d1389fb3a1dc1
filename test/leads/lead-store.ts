import { type Lead, Prisma, type StageChange } from '../../prisma/generated/client/client.ts';
import { leadCreated, leadDeleted, leadUpdated } from '../../src/leads/changes.ts';
import { emptyLead } from '../../src/leads/lead.ts';
import { createPipeline } from '../../src/pipeline/stage.ts';
import { createDatabase, type Database } from '../../src/platform/database.ts';
import { newUuid } from '../../src/platform/ids.ts';
import { createLog } from '../../src/platform/log.ts';
import { createWriter } from '../../src/writes/writer.ts';
import type { Draft } from '../../src/writes/draft.ts';
import { createTestDatabase } from '../support/database.ts';

export const pipeline = createPipeline(['Form Started', 'Form Completed', 'Paid', 'Completed']);

export type LeadStore = Awaited<ReturnType<typeof createLeadStore>>;

/** A database of its own, filled through the real writer. */
export async function createLeadStore() {
  const testDatabase = await createTestDatabase();
  const log = createLog('silent', true);
  const database: Database = createDatabase(testDatabase.url, log);
  const writer = createWriter(database, log);
  const statements: string[] = [];
  const query = database.readPool.query.bind(database.readPool);
  // What reads cost in round trips is part of what they promise.
  database.readPool.query = ((...args: Parameters<typeof query>) => {
    statements.push(JSON.stringify(args[0]));
    return query(...args);
  }) as typeof query;
  const account = await database.prisma.account.findFirstOrThrow({ where: { name: 'default' } });

  const write = async <Result>(accountId: string, ids: readonly string[], apply: (draft: Draft) => Result): Promise<Result> =>
    (await writer.write(accountId, 'test', { operation: 'test', touches: { ids }, idempotency: null, apply })).result;

  return {
    database,
    writer,
    log,
    statements,
    accountId: account.id,
    async addAccount(name: string): Promise<string> {
      const id = newUuid();
      await database.prisma.account.create({ data: { id, name } });
      await database.prisma.logHead.create({ data: { accountId: id } });
      return id;
    },
    /** Adds leads in one batch, in their order. */
    addLeads: (accountId: string, leads: readonly Partial<Lead>[]): Promise<Lead[]> =>
      write(accountId, [], (draft) => leads.map((fields) => addLead(draft, accountId, fields))),
    changeLead: (lead: Lead, fields: Partial<Lead>): Promise<Lead> =>
      write(lead.accountId, [lead.id], (draft) => {
        const next = { ...(draft.leadById(lead.id) ?? lead), ...fields, updatedAt: draft.now };
        draft.put('Lead', next);
        draft.recordChange(leadUpdated(next, {}, { origin: 'test', actor: 'test', occurredAt: draft.now }));
        return next;
      }),
    removeLead: (lead: Lead): Promise<void> =>
      write(lead.accountId, [lead.id], (draft) => {
        draft.removeLead(lead);
        draft.recordChange(leadDeleted(lead, { origin: 'test', actor: 'test', occurredAt: draft.now }));
      }),
    /** Gives away the numbers up to this one, to nobody. */
    async skipNumbers(accountId: string, to: number): Promise<void> {
      await database.prisma.logHead.update({ where: { accountId }, data: { leadNumber: to } });
    },
    addStageChanges: (lead: Lead, stages: readonly string[]): Promise<void> =>
      write(lead.accountId, [lead.id], (draft) => {
        for (const [i, toStage] of stages.entries())
          draft.put('StageChange', toStageChange(lead, stages[i - 1] ?? null, toStage, draft.now));
      }),
    async close(): Promise<void> {
      await writer.close();
      await database.close();
      await testDatabase.drop();
    },
  };
}

function addLead(draft: Draft, accountId: string, fields: Partial<Lead>): Lead {
  const { now } = draft;
  const known = {
    id: newUuid(),
    accountId,
    number: draft.nextLeadNumber(),
    stage: 'Form Started',
    createdAt: now,
    zero: new Prisma.Decimal(0),
  };
  const lead = { ...emptyLead(known), emailKey: fields.email?.toLowerCase() ?? null, ...fields };
  const stageChange = toStageChange(lead, null, lead.stage, now);
  draft.put('Lead', lead);
  draft.put('StageChange', stageChange);
  draft.recordChange(leadCreated(lead, stageChange, { origin: 'test', actor: 'test', occurredAt: now }));
  return lead;
}

const toStageChange = (lead: Lead, fromStage: string | null, toStage: string, at: Date): StageChange => ({
  id: newUuid(),
  accountId: lead.accountId,
  leadId: lead.id,
  fromStage,
  toStage,
  forced: false,
  via: 'test',
  actor: 'test',
  reason: null,
  occurredAt: at,
  recordedAt: at,
});

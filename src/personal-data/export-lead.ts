import type pg from 'pg';
import type { Lead } from '../../prisma/generated/client/client.ts';
import { authorize } from '../auth/policy.ts';
import type { Context } from '../context.ts';
import { findLeadById, findLeadIdByNumber } from '../leads/get-lead.ts';
import { uuidOf } from '../platform/ids.ts';
import { findGroup, findPerson } from './find-person.ts';
import { idsOfTraces } from './forget-traces.ts';

export interface LeadExport {
  readonly leadId: string;
  readonly exportedAt: Date;
  /** False: some part has more rows than an export takes. */
  readonly isComplete: boolean;
  readonly data: unknown;
}

/** Nobody's life fills more; a sender that repeats itself without end must not fill the server's memory. */
const mostRows = 10_000;

/** What belongs to a lead (`$1`), by the name under which it is handed out. */
const ofLead = {
  stageHistory: 'SELECT * FROM "StageChange" WHERE "leadId" = $1 ORDER BY "occurredAt", id',
  submissions: 'SELECT * FROM "Submission" WHERE "leadId" = $1 ORDER BY id',
  events: `SELECT e.*, t."eventId" FROM "LeadEvent" e JOIN "EventType" t ON t.id = e."eventTypeId" WHERE e."leadId" = $1 ORDER BY e."occurredAt", e.id`,
  ledger: 'SELECT * FROM "LedgerEntry" WHERE "leadId" = $1 ORDER BY "recordedAt", id',
  crmActivity: 'SELECT * FROM "CrmActivity" WHERE "leadId" = $1 ORDER BY "occurredAt", id',
  timeline: 'SELECT * FROM "Change" WHERE "leadId" = $1 ORDER BY seq',
  duplicates: 'SELECT id, number, email, "createdAt" FROM "Lead" WHERE "duplicateOfId" = $1 ORDER BY number',
  storedAnswers: 'SELECT operation, key, answer, "createdAt" FROM "IdempotencyRecord" WHERE "leadId" = $1 ORDER BY "createdAt"',
} as const;

const conversationOfLead = 'SELECT * FROM "Conversation" WHERE "leadId" = $1';

const deliveriesOfLead = `SELECT d.*, w.name AS "webhookName" FROM "Change" c JOIN "Webhook" w ON w."accountId" = c."accountId"
    JOIN "Delivery" d ON d."webhookId" = w.id AND d.seq = c.seq WHERE c."leadId" = $1 ORDER BY d."createdAt", d.id`;

const attempts = 'SELECT * FROM "Attempt" WHERE "deliveryId" = ANY($1::uuid[]) ORDER BY "deliveryId", number';

/** What became no lead's: ids `$2` of account `$1`. */
const besideLead = {
  refusedSubmissions: 'SELECT * FROM "Submission" WHERE "accountId" = $1 AND id = ANY($2::uuid[]) ORDER BY id',
  waitingCrmActivity: 'SELECT * FROM "CrmActivity" WHERE "accountId" = $1 AND id = ANY($2::uuid[]) ORDER BY id',
} as const;

interface Beside {
  readonly refusedSubmissions: readonly string[];
  readonly waitingCrmActivity: readonly string[];
}

/**
 * Everything that is stored of a person under one lead, as of one moment, and what was sent of it that became no lead's. Null: the account has
 * no such lead.
 */
export async function exportLead(ctx: Context, id: string): Promise<LeadExport | null> {
  const accountId = authorize(ctx.viewer, 'administer');
  const { readPool } = ctx.database;
  const leadId = uuidOf('Lead', id) ?? (await findLeadIdByNumber(ctx, accountId, id));
  if (leadId === null || !(await findLeadById(ctx, accountId, leadId))) return null;
  const person = await findPerson(readPool, accountId, await findGroup(readPool, accountId, leadId));
  const beside: Beside = {
    refusedSubmissions: await idsOfTraces(readPool, accountId, person, 'refused'),
    waitingCrmActivity: await idsOfTraces(readPool, accountId, person, 'waiting'),
  };
  const client = await readPool.connect();
  let broken = true;
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    const exported = await readParts(client, accountId, leadId, beside);
    await client.query('COMMIT');
    broken = false;
    return exported;
  } finally {
    // A connection that failed is not reused: closing it ends its transaction.
    client.release(broken);
  }
}

async function readParts(client: pg.ClientBase, accountId: string, leadId: string, beside: Beside): Promise<LeadExport | null> {
  const { rows: leads } = await client.query<Lead & { readonly now: Date }>('SELECT *, now() FROM "Lead" WHERE id = $1', [leadId]);
  const [found] = leads;
  if (!found) return null;
  const { now, emailKey: _emailKey, birthDate, ...lead } = found;
  const data: Record<string, unknown> = { lead: { ...lead, birthDate: birthDate?.toISOString().slice(0, 10) ?? null } };
  let isComplete = true;
  const read = async (sql: string, values: readonly unknown[]): Promise<Record<string, unknown>[]> => {
    const { rows } = await client.query<Record<string, unknown>>(`${sql} LIMIT ${mostRows + 1}`, [...values]);
    isComplete &&= rows.length <= mostRows;
    return rows.slice(0, mostRows);
  };
  for (const [name, sql] of Object.entries(ofLead)) data[name] = await read(sql, [leadId]);
  for (const name of ['refusedSubmissions', 'waitingCrmActivity'] as const)
    data[name] = await read(besideLead[name], [accountId, beside[name]]);
  const [conversation = null] = await read(conversationOfLead, [leadId]);
  const deliveries = await read(deliveriesOfLead, [leadId]);
  const tries = new Map<unknown, unknown[]>(deliveries.map(({ id }) => [id, []]));
  for (const tried of await read(attempts, [[...tries.keys()]])) tries.get(tried['deliveryId'])?.push(tried);
  Object.assign(data, { conversation, deliveries: deliveries.map((delivery) => ({ ...delivery, attempts: tries.get(delivery['id']) })) });
  return { leadId, exportedAt: now, isComplete, data: toPlain(data) };
}

/** Amounts as they are written, times in ISO 8601. */
const toPlain = (data: unknown): unknown =>
  JSON.parse(JSON.stringify(data, (_key, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)));

import type pg from 'pg';
import type { EventFiring, Lead, SourceStats, Submission } from '../../prisma/generated/client/client.ts';
import type { CrmActivityRow } from '../crm/crm-activity.ts';
import { oldestDuplicate } from '../leads/email-owner.ts';
import { toLead } from '../leads/lead.ts';
import type { SubmissionLink } from './crm-index.ts';
import { isErased } from '../webhooks/erase-deliveries.ts';
import type { Touches } from './draft.ts';
import type { SourceDayRow } from './tables.ts';
import type { WorkingSet } from './working-set.ts';

/**
 * What a batch reads before it decides. Every statement takes whole sets, so their number does not grow with the batch. A look-up names nothing
 * but the key; OFFSET 0 fences it, and the account is compared outside. As long as a young table has no statistics, the planner takes an index
 * that begins with the account for as good, and keeps that plan while the table grows.
 */

interface HeadRow {
  readonly seq: bigint;
  readonly leadNumber: number;
  readonly now: Date;
}

/** Begins the transaction and takes the account's turn: until it ends nobody else writes to this account. */
export async function takeTurn(client: pg.ClientBase, accountId: string): Promise<HeadRow> {
  // One message. The account id comes from an authenticated viewer and is a checked UUID. Every statement of a batch goes by keys, row by row: the
  // ways to join and scan whole tables are switched off, which statistics of a young table would choose.
  const sql = `BEGIN; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_bitmapscan = off;
    SELECT seq, "leadNumber", clock_timestamp() AS now FROM "LogHead" WHERE "accountId" = '${accountId}' FOR UPDATE`;
  const results = (await client.query(sql)) as unknown as readonly pg.QueryResult<HeadRow>[];
  const head = results.at(-1)?.rows[0];
  if (!head) throw new Error(`account ${accountId} has no log head`);
  return head;
}

/** What can be asked for before anything is known: these go out together with the turn, and are answered after it. */
export interface FirstRows {
  readonly leads: readonly Lead[];
  readonly sourceStats: readonly SourceStats[];
  readonly sourceDays: readonly SourceDayRow[];
}

/** Loads what the commands of a batch name. No row locks: the account's turn already keeps other writers out. */
export async function loadFirstRows(client: pg.ClientBase, accountId: string, keys: readonly Touches[]): Promise<FirstRows> {
  const [leads, sourceStats, sourceDays] = await Promise.all([
    loadLeads(client, accountId, keys),
    loadSourceStats(client, keys),
    loadSourceDays(client, keys),
  ]);
  return { leads, sourceStats, sourceDays };
}

/** Takes the first rows into the working set, and loads what follows from them. */
export async function loadRows(
  client: pg.ClientBase,
  accountId: string,
  keys: readonly Touches[],
  { leads, sourceStats, sourceDays }: FirstRows,
  set: WorkingSet,
): Promise<void> {
  set.load('Lead', leads);
  set.load('SourceStats', sourceStats);
  set.load('SourceDay', sourceDays);
  const eventTypeIds = distinct(keys, (key) => key.eventTypeIds);
  if (eventTypeIds.length > 0 && leads.length > 0) set.load('EventFiring', await loadFirings(client, leads, eventTypeIds));
  await loadCrmRows(client, accountId, keys, set);
  await loadLogged(client, accountId, keys, set);
}

async function loadLeads(client: pg.ClientBase, accountId: string, keys: readonly Touches[]): Promise<Lead[]> {
  const ids = distinct(keys, (key) => key.ids);
  const emailKeys = distinct(keys, (key) => key.emailKeys);
  const duplicatesOf = distinct(keys, (key) => key.duplicatesOf);
  const transactionIds = distinct(keys, (key) => key.transactionIds);
  const externalIds = keys.flatMap((key) => key.externalIds ?? []);
  if (ids.length + emailKeys.length + duplicatesOf.length + transactionIds.length + externalIds.length === 0) return [];
  const { rows } = await client.query<Lead>({
    name: 'load-leads',
    // A lead that two branches find comes twice; the working set knows it by its id.
    text: `SELECT l.* FROM unnest($2::uuid[]) AS k(id) CROSS JOIN LATERAL (SELECT * FROM "Lead" WHERE id = k.id OFFSET 0) l WHERE l."accountId" = $1
      UNION ALL
      SELECT l.* FROM unnest($3::text[]) AS k(email) CROSS JOIN LATERAL
        (SELECT * FROM "Lead" WHERE "emailKey" = k.email AND "duplicateOfId" IS NULL OFFSET 0) l WHERE l."accountId" = $1
      UNION ALL
      SELECT l.* FROM unnest($3::text[]) AS k(email) CROSS JOIN LATERAL (${oldestDuplicate('k.email')}) l
      UNION ALL
      SELECT l.* FROM unnest($4::uuid[]) AS k(id) CROSS JOIN LATERAL (SELECT * FROM "Lead" WHERE "duplicateOfId" = k.id OFFSET 0) l
        WHERE l."accountId" = $1
      UNION ALL
      SELECT c.* FROM unnest($4::uuid[]) AS k(id) CROSS JOIN LATERAL (SELECT * FROM "Lead" WHERE "duplicateOfId" = k.id OFFSET 0) d
        CROSS JOIN LATERAL (SELECT * FROM "Lead" WHERE "emailKey" = d."emailKey" AND "duplicateOfId" IS NULL OFFSET 0) c
        WHERE d."accountId" = $1 AND c."accountId" = $1
      UNION ALL
      SELECT l.* FROM unnest($5::text[]) AS k(id) CROSS JOIN LATERAL
        (SELECT * FROM "Lead" WHERE "transactionId" = k.id OFFSET 0) l WHERE l."accountId" = $1
      UNION ALL
      SELECT l.* FROM unnest($6::uuid[], $7::text[]) AS k("sourceId", "externalId") CROSS JOIN LATERAL
        (SELECT * FROM "Lead" l WHERE l."sourceId" = k."sourceId" AND l."externalId" = k."externalId" ORDER BY number LIMIT 1) l`,
    values: [
      accountId,
      ids,
      emailKeys,
      duplicatesOf,
      transactionIds,
      externalIds.map(({ sourceId }) => sourceId),
      externalIds.map(({ externalId }) => externalId),
    ],
  });
  return rows.map(toLead);
}

/** Of which leads the log still tells something: those that were not erased. */
async function loadLogged(client: pg.ClientBase, accountId: string, keys: readonly Touches[], set: WorkingSet): Promise<void> {
  const ids = distinct(keys, (key) => key.logged);
  if (ids.length === 0) return;
  const { rows } = await client.query<{ readonly id: string; readonly number: number }>({
    name: 'load-logged',
    text: `SELECT c."leadId" AS id, (c.data->'lead'->>'number')::int AS number FROM unnest($2::uuid[]) AS k(id) CROSS JOIN LATERAL
      (SELECT * FROM "Change" WHERE "leadId" = k.id AND NOT ${isErased('k.id')} LIMIT 1) c WHERE c."accountId" = $1`,
    values: [accountId, ids],
  });
  set.loadLogged(rows);
}

/** One command's event at another's lead comes along unasked; a batch meets few event types. */
async function loadFirings(client: pg.ClientBase, leads: readonly Lead[], eventTypeIds: readonly string[]): Promise<EventFiring[]> {
  const { rows } = await client.query<EventFiring>({
    name: 'load-firings',
    text: `SELECT f.* FROM unnest($1::uuid[]) AS k(id) CROSS JOIN LATERAL
      (SELECT * FROM "EventFiring" WHERE "leadId" = k.id AND "eventTypeId" = ANY($2::uuid[]) OFFSET 0) f`,
    values: [leads.map((lead) => lead.id), eventTypeIds],
  });
  return rows;
}

/** The counters of the sources that send in this batch. */
async function loadSourceStats(client: pg.ClientBase, keys: readonly Touches[]): Promise<SourceStats[]> {
  const sourceIds = distinct(keys, (key) => key.sourceIds);
  if (sourceIds.length === 0) return [];
  const text = 'SELECT * FROM "SourceStats" WHERE "sourceId" = ANY($1::uuid[])';
  return (await client.query<SourceStats>({ name: 'load-source-stats', text, values: [sourceIds] })).rows;
}

/** Their counters of today, by the beginning of the transaction: the batch's own time may be of the next day. */
async function loadSourceDays(client: pg.ClientBase, keys: readonly Touches[]): Promise<SourceDayRow[]> {
  const sourceIds = distinct(keys, (key) => key.sourceIds);
  if (sourceIds.length === 0) return [];
  const text = `SELECT "sourceId", day::text, created, duplicates, rejected FROM "SourceDay"
    WHERE "sourceId" = ANY($1::uuid[]) AND day >= (now() AT TIME ZONE 'UTC')::date`;
  return (await client.query<SourceDayRow>({ name: 'load-source-days', text, values: [sourceIds] })).rows;
}

/** A receipt that is about to get a CRM id, with its lead; leads and submissions by CRM id; what waits for CRM ids. */
async function loadCrmRows(client: pg.ClientBase, accountId: string, keys: readonly Touches[], set: WorkingSet): Promise<void> {
  const submissionIds = distinct(keys, (key) => key.submissionIds);
  if (submissionIds.length > 0) {
    const text = 'SELECT * FROM "Submission" WHERE "accountId" = $1 AND id = ANY($2::uuid[])';
    const { rows } = await client.query<Submission>({ name: 'load-submissions', text, values: [accountId, submissionIds] });
    set.load('Submission', rows);
    set.loadSubmissionLinks(rows);
    const ids = rows.flatMap(({ leadId }) => leadId ?? []);
    set.load('Lead', await loadLeads(client, accountId, [{ ids }]));
  }
  const crmLeadIds = distinct(keys, (key) => key.crmLeadIds);
  if (crmLeadIds.length > 0) await loadByCrmId(client, accountId, crmLeadIds, set);
  const crmLinks = distinct(keys, (key) => key.crmLinks);
  if (crmLinks.length > 0) await loadWaiting(client, accountId, crmLinks, set);
}

async function loadByCrmId(client: pg.ClientBase, accountId: string, crmLeadIds: readonly string[], set: WorkingSet): Promise<void> {
  const leads = await client.query<Lead>({
    name: 'load-leads-by-crm-id',
    text: `SELECT l.* FROM unnest($2::text[]) AS k(id) CROSS JOIN LATERAL
      (SELECT * FROM "Lead" WHERE "crmLeadId" = k.id OFFSET 0) l WHERE l."accountId" = $1`,
    values: [accountId, crmLeadIds],
  });
  set.load('Lead', leads.rows.map(toLead));
  const found = new Set(leads.rows.flatMap((lead) => lead.crmLeadId ?? []));
  const missing = crmLeadIds.filter((id) => !found.has(id));
  if (missing.length > 0) {
    const links = await client.query<SubmissionLink>({
      name: 'load-submissions-by-crm-id',
      text: `SELECT s.id, s."leadId", s."crmLeadId" FROM unnest($2::text[]) AS k(id) CROSS JOIN LATERAL
        (SELECT * FROM "Submission" WHERE "crmLeadId" = k.id AND "accountId" = $1 AND "leadId" IS NOT NULL ORDER BY id DESC LIMIT 1) s`,
      values: [accountId, missing],
    });
    set.loadSubmissionLinks(links.rows);
    set.load('Lead', await loadLeads(client, accountId, [{ ids: links.rows.flatMap(({ leadId }) => leadId ?? []) }]));
    for (const { crmLeadId } of links.rows) if (crmLeadId !== null) found.add(crmLeadId);
  }
  // What a larger crowd left waiting. Not for ids without a lead: there everything waits.
  if (found.size > 0) await loadWaiting(client, accountId, [...found], set);
}

/** One batch must end in time: the reports that follow bind what is more than this. */
const mostWaiting = 5000;

/** What waits for CRM ids. Not the payloads, which may be large and stay as they are. */
export async function loadWaiting(client: pg.ClientBase, accountId: string, crmLeadIds: readonly string[], set: WorkingSet): Promise<void> {
  const { rows } = await client.query<CrmActivityRow>({
    name: 'load-waiting-crm-activity',
    text: `SELECT id, "accountId", "leadId", "crmLeadId", "eventType", status, 'null' AS payload, dialect, actor, "occurredAt", "receivedAt"
      FROM unnest($2::text[]) AS k(key) CROSS JOIN LATERAL (SELECT * FROM "CrmActivity" WHERE "crmLeadId" = k.key AND "leadId" IS NULL OFFSET 0) a
      WHERE "accountId" = $1 LIMIT ${mostWaiting}`,
    values: [accountId, crmLeadIds],
  });
  set.loadWaiting(crmLeadIds, rows);
}

function distinct(keys: readonly Touches[], pick: (key: Touches) => readonly string[] | undefined): string[] {
  return [...new Set(keys.flatMap((key) => pick(key) ?? []))];
}

export interface AnswerKey {
  readonly credential: string;
  readonly operation: string;
  readonly key: string;
}

export interface StoredAnswer extends AnswerKey {
  readonly requestHash: string;
  readonly answer: unknown;
  readonly leadId: string | null;
}

export async function loadAnswers(client: pg.ClientBase, accountId: string, keys: readonly AnswerKey[]): Promise<StoredAnswer[]> {
  if (keys.length === 0) return [];
  const { rows } = await client.query<StoredAnswer>({
    name: 'load-answers',
    text: `SELECT r.credential, r.operation, r.key, r."requestHash", r.answer, r."leadId"
      FROM json_to_recordset($2::json) AS k(credential text, operation text, key text)
      JOIN "IdempotencyRecord" r USING (credential, operation, key)
      WHERE r."accountId" = $1 AND r."createdAt" > now() - interval '7 days'`,
    values: [accountId, JSON.stringify(keys)],
  });
  return rows;
}

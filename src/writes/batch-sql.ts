import type pg from 'pg';
import type { Lead } from '../../prisma/generated/client/client.ts';
import { toLead } from '../leads/lead.ts';
import { type Column, encodeRows, selectRows } from '../platform/columns.ts';
import { newUuid } from '../platform/ids.ts';
import type { LeadKeys } from './draft.ts';
import { publicLeadJson } from './lead-json.ts';
import {
  answerColumns,
  type AnswerRow,
  changeColumns,
  type ChangeRow,
  leadColumns,
  searchColumns,
  type SearchRow,
  stageChangeColumns,
  submissionColumns,
} from './tables.ts';
import type { NumberedChange, WorkingSet } from './working-set.ts';

/** The statements of a batch. Every one takes whole sets, so their number does not grow with the batch. */

interface HeadRow {
  readonly seq: bigint;
  readonly leadNumber: number;
  readonly now: Date;
}

/** Begins the transaction and takes the account's turn: until it ends nobody else writes to this account. */
export async function takeTurn(client: pg.ClientBase, accountId: string): Promise<HeadRow> {
  // Two statements in one message. The account id comes from an authenticated viewer and is a checked UUID.
  const sql = `BEGIN; SELECT seq, "leadNumber", clock_timestamp() AS now FROM "LogHead" WHERE "accountId" = '${accountId}' FOR UPDATE`;
  const results = (await client.query(sql)) as unknown as readonly pg.QueryResult<HeadRow>[];
  const head = results[1]?.rows[0];
  if (!head) throw new Error(`account ${accountId} has no log head`);
  return head;
}

/** Loads the leads that a batch may touch. No row locks: the account's turn already keeps other writers out. */
export async function loadLeads(client: pg.ClientBase, accountId: string, keys: readonly LeadKeys[]): Promise<Lead[]> {
  const ids = distinct(keys, (key) => key.ids);
  const emailKeys = distinct(keys, (key) => key.emailKeys);
  const duplicatesOf = distinct(keys, (key) => key.duplicatesOf);
  if (ids.length + emailKeys.length + duplicatesOf.length === 0) return [];
  const { rows } = await client.query<Lead>({
    name: 'load-leads',
    // A lead that two branches find comes twice; the working set knows it by its id.
    text: `SELECT * FROM "Lead" WHERE "accountId" = $1 AND id = ANY($2::uuid[])
      UNION ALL
      SELECT * FROM "Lead" WHERE "accountId" = $1 AND "emailKey" = ANY($3::text[]) AND "duplicateOfId" IS NULL
      UNION ALL
      SELECT * FROM "Lead" WHERE "accountId" = $1 AND "duplicateOfId" = ANY($4::uuid[])`,
    values: [accountId, ids, emailKeys, duplicatesOf],
  });
  return rows.map(toLead);
}

function distinct(keys: readonly LeadKeys[], pick: (key: LeadKeys) => readonly string[] | undefined): string[] {
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

const insert = (table: string, columns: readonly Column<never>[], first: number): string =>
  `INSERT INTO "${table}" (${columns.map(({ name }) => `"${name}"`).join(', ')}) ${selectRows(columns, first)}`;

/** Columns that an update may change. */
const changing = leadColumns.filter(({ name }) => !['id', 'accountId', 'number', 'createdAt'].includes(name));

const counts = [leadColumns, leadColumns, searchColumns, submissionColumns, stageChangeColumns, changeColumns, answerColumns].map(
  (c) => c.length,
);
/** The number of the first parameter of each table, after the account, seq and lead number. */
const [newLeads = 0, changedLeads = 0, words = 0, submissions = 0, stageChanges = 0, changes = 0, answers = 0] = counts.map(
  (_, i) => 4 + counts.slice(0, i).reduce((sum, count) => sum + count, 0),
);

/** Everything a batch decided, in one statement: rows, log entries and the new end of the log, which readers are told of at commit. */
const writeStatement = {
  name: 'write-batch',
  text: `WITH
    new_leads AS (${insert('Lead', leadColumns, newLeads)}),
    changed_leads AS (
      UPDATE "Lead" l SET ${changing.map(({ name }) => `"${name}" = r."${name}"`).join(', ')}
      FROM (${selectRows(leadColumns, changedLeads)}) r WHERE l.id = r.id),
    words AS (
      INSERT INTO "LeadSearch" ("accountId", number, "leadId", words)
      SELECT "accountId", number, "leadId", array_to_tsvector(words) FROM (${selectRows(searchColumns, words)}) r
      ON CONFLICT ("accountId", number) DO UPDATE SET words = excluded.words),
    new_submissions AS (${insert('Submission', submissionColumns, submissions)}),
    new_stage_changes AS (${insert('StageChange', stageChangeColumns, stageChanges)}),
    new_changes AS (${insert('Change', changeColumns, changes)}),
    answers AS (
      ${insert('IdempotencyRecord', answerColumns, answers)}
      ON CONFLICT ("accountId", credential, operation, key) DO UPDATE
      SET "requestHash" = excluded."requestHash", answer = excluded.answer, "leadId" = excluded."leadId", "createdAt" = excluded."createdAt"),
    head AS (UPDATE "LogHead" SET seq = $2, "leadNumber" = $3 WHERE "accountId" = $1::uuid)
    SELECT pg_notify('leadgraph_changes', $1::text || ' ' || $2::text)`,
};

export async function writeAll(
  client: pg.ClientBase,
  accountId: string,
  set: WorkingSet,
  search: readonly SearchRow[],
  answerRows: readonly AnswerRow[],
): Promise<void> {
  const { inserted, updated, removedIds } = set.leadWrites();
  // Before the inserts: a removed lead's email may be taken again in the same batch.
  if (removedIds.length > 0) await removeLeads(client, removedIds);
  const lastSeqs = set.lastSeqs();
  const toRow = (lead: Lead): Lead => ({ ...lead, lastSeq: BigInt(lastSeqs.get(lead.id) ?? lead.lastSeq) });
  await client.query({
    ...writeStatement,
    values: [
      accountId,
      set.seq,
      set.leadNumber,
      ...encodeRows(leadColumns, inserted.map(toRow)),
      ...encodeRows(leadColumns, updated.map(toRow)),
      ...encodeRows(searchColumns, search),
      ...encodeRows(submissionColumns, set.submissions),
      ...encodeRows(stageChangeColumns, set.stageChanges),
      ...encodeRows(
        changeColumns,
        set.changes.map((change) => toChangeRow(change, accountId, set.now)),
      ),
      ...encodeRows(answerColumns, answerRows),
    ],
  });
}

function toChangeRow(change: NumberedChange, accountId: string, recordedAt: Date): ChangeRow {
  const { lead, details, previous } = change;
  const more = details === undefined ? '}' : `,${JSON.stringify(details).slice(1)}`;
  return {
    accountId,
    seq: change.seq,
    id: newUuid(),
    type: change.type,
    leadId: lead.id,
    origin: change.origin,
    actor: change.actor,
    summary: change.summary,
    data: `{"lead":${publicLeadJson(lead)}${more}`,
    previous: previous === undefined ? null : JSON.stringify(previous),
    submissionId: change.submissionId ?? null,
    stageChangeId: change.stageChangeId ?? null,
    occurredAt: change.occurredAt,
    recordedAt,
  };
}

/** Takes everything of a lead but its log. No foreign keys do this: they would cost every submission 20 us, and only this statement removes leads. */
async function removeLeads(client: pg.ClientBase, ids: readonly string[]): Promise<void> {
  await client.query({
    name: 'remove-leads',
    text: `WITH search AS (DELETE FROM "LeadSearch" WHERE "leadId" = ANY($1::uuid[])),
      submissions AS (DELETE FROM "Submission" WHERE "leadId" = ANY($1::uuid[])),
      stage_changes AS (DELETE FROM "StageChange" WHERE "leadId" = ANY($1::uuid[])),
      answers AS (DELETE FROM "IdempotencyRecord" WHERE "leadId" = ANY($1::uuid[]))
      DELETE FROM "Lead" WHERE id = ANY($1::uuid[])`,
    values: [ids],
  });
}

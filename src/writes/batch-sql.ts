import type pg from 'pg';
import { type Lead, Prisma } from '../../prisma/generated/client/client.ts';
import { newUuid } from '../platform/ids.ts';
import type { LeadKeys } from './draft.ts';
import { WorkingSet } from './working-set.ts';

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
  return rows;
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
}

export async function loadAnswers(client: pg.ClientBase, accountId: string, keys: readonly AnswerKey[]): Promise<StoredAnswer[]> {
  if (keys.length === 0) return [];
  const { rows } = await client.query<StoredAnswer>({
    name: 'load-answers',
    text: `SELECT r.credential, r.operation, r.key, r."requestHash", r.answer
      FROM json_to_recordset($2::json) AS k(credential text, operation text, key text)
      JOIN "IdempotencyRecord" r USING (credential, operation, key)
      WHERE r."accountId" = $1 AND r."createdAt" > now() - interval '7 days'`,
    values: [accountId, JSON.stringify(keys)],
  });
  return rows;
}

const leadColumns = Object.values(Prisma.LeadScalarFieldEnum);
const updateColumns = leadColumns.filter((name) => name !== 'id' && name !== 'accountId' && name !== 'number' && name !== 'createdAt');

const insertFrom = (table: string, parameter: string, conflict = '') =>
  `INSERT INTO "${table}" SELECT * FROM json_populate_recordset(NULL::"${table}", ${parameter}::json)${conflict}`;

const searchWords = (parameter: string) =>
  `SELECT "accountId", number, "leadId", array_to_tsvector(words) FROM json_to_recordset(${parameter}::json)
    AS r("accountId" uuid, number int, "leadId" uuid, words text[])`;

const storedAnswers = insertFrom(
  'IdempotencyRecord',
  '$9',
  ` ON CONFLICT ("accountId", credential, operation, key) DO UPDATE
    SET "requestHash" = excluded."requestHash", answer = excluded.answer, "leadId" = excluded."leadId", "createdAt" = excluded."createdAt"`,
);

/** Everything a batch decided, in one statement: rows, log entries and the new end of the log, which readers are told of at commit. */
const writeStatement = {
  name: 'write-batch',
  text: `WITH
    new_leads AS (${insertFrom('Lead', '$3')}),
    changed_leads AS (
      UPDATE "Lead" l SET ${updateColumns.map((name) => `"${name}" = r."${name}"`).join(', ')}
      FROM json_populate_recordset(NULL::"Lead", $4::json) r WHERE l.id = r.id),
    words AS (
      INSERT INTO "LeadSearch" ("accountId", number, "leadId", words) ${searchWords('$5')}
      ON CONFLICT ("accountId", number) DO UPDATE SET words = excluded.words),
    new_submissions AS (${insertFrom('Submission', '$6')}),
    new_stage_changes AS (${insertFrom('StageChange', '$7')}),
    new_changes AS (${insertFrom('Change', '$8')}),
    answers AS (${storedAnswers}),
    head AS (UPDATE "LogHead" SET seq = $2, "leadNumber" = $10 WHERE "accountId" = $1::uuid)
    SELECT pg_notify('leadgraph_changes', $1::text || ' ' || $2::text)`,
};

export interface SearchRow {
  readonly accountId: string;
  readonly number: number;
  readonly leadId: string;
  readonly words: readonly string[];
}

export interface AnswerRow extends AnswerKey {
  readonly accountId: string;
  readonly requestHash: string;
  readonly answer: string;
  readonly leadId: string | null;
  readonly createdAt: Date;
}

export async function writeAll(
  client: pg.ClientBase,
  accountId: string,
  set: WorkingSet,
  search: readonly SearchRow[],
  answers: readonly AnswerRow[],
): Promise<void> {
  const { inserted, updated, removedIds } = set.leadWrites();
  // Before the inserts: a removed lead's email may be taken again in the same batch.
  if (removedIds.length > 0) await removeLeads(client, removedIds);
  const changes = set.changes.map((change) => ({ ...change, id: newUuid(), accountId, recordedAt: set.now }));
  await client.query({
    ...writeStatement,
    values: [
      accountId,
      set.seq,
      JSON.stringify(inserted),
      JSON.stringify(updated),
      JSON.stringify(search),
      JSON.stringify(set.submissions),
      JSON.stringify(set.stageChanges),
      JSON.stringify(changes),
      jsonArray(answers.map((row) => spliceAnswer(row))),
      set.leadNumber,
    ],
  });
}

const jsonArray = (items: readonly string[]): string => `[${items.join(',')}]`;

/** Puts the answer, which is JSON text already, into its row without parsing it again. */
function spliceAnswer({ answer, ...row }: AnswerRow): string {
  return `${JSON.stringify(row).slice(0, -1)},"answer":${answer}}`;
}

/** History and submissions go with their lead by cascade; what else names it goes here. */
async function removeLeads(client: pg.ClientBase, ids: readonly string[]): Promise<void> {
  await client.query({
    name: 'remove-leads',
    text: `WITH search AS (DELETE FROM "LeadSearch" WHERE "leadId" = ANY($1::uuid[])),
      answers AS (DELETE FROM "IdempotencyRecord" WHERE "leadId" = ANY($1::uuid[]))
      DELETE FROM "Lead" WHERE id = ANY($1::uuid[])`,
    values: [ids],
  });
}

import type pg from 'pg';
import type { Lead } from '../../prisma/generated/client/client.ts';
import { blockOf, countFullBlocks, leadsPerBlock } from '../leads/search-buckets.ts';
import { sameWords, searchWords } from '../leads/search-words.ts';
import { encodeRows, selectRows } from '../platform/columns.ts';
import { newUuid } from '../platform/ids.ts';
import { forgetTries } from '../webhooks/erase-deliveries.ts';
import { eraseFromLog } from './erase-from-log.ts';
import { leadJson } from './lead-json.ts';
import { type AnswerRow, type ChangeRow, type SearchRow, type TableName, type TableRows, tables } from './tables.ts';
import type { NumberedChange, WorkingSet } from './working-set.ts';

/** One table's share of a batch, written one way. */
interface Part<Name extends TableName = TableName> {
  readonly table: Name;
  readonly mode: 'insert' | 'update';
  readonly rows: readonly TableRows[Name][];
}

/**
 * Sends what writes everything that a batch decided, in one statement: rows, log entries and the new end of the log, which readers are told of
 * at commit. Removals, which are rare, are done before: a removed lead's email may be taken again in the same batch. Gives what to await.
 */
export async function sendWrites(
  client: pg.ClientBase,
  accountId: string,
  set: WorkingSet,
  answers: readonly AnswerRow[],
): Promise<readonly Promise<unknown>[]> {
  const erasedIds = set.erasedLeadIds();
  if (erasedIds.length > 0) await eraseFromLog(client, accountId, erasedIds);
  const removedIds = set.removedLeadIds();
  if (removedIds.length > 0) {
    await removeLeads(client, removedIds, set.leadNumber);
    await forgetTries(client, accountId, removedIds);
  }
  const abandonedIds = set.abandonedCrmActivityIds();
  if (abandonedIds.length > 0) await client.query({ name: 'remove-crm', text: removeCrmActivity, values: [abandonedIds] });
  const parts = partsOf(accountId, set, answers).filter((part) => part.rows.length > 0);
  const { name, text } = statementFor(parts);
  return [client.query({ name, text, values: [accountId, set.seq, set.leadNumber, ...parts.flatMap(parametersOf)] })];
}

const parametersOf = <Name extends TableName>({ table, rows }: Part<Name>): (string | Buffer)[] =>
  encodeRows<TableRows[Name]>(tables[table].columns, rows);

function partsOf(accountId: string, set: WorkingSet, answers: readonly AnswerRow[]): readonly Part[] {
  const leads = set.writes('Lead');
  const lastSeqs = new Map(set.changes.map((change) => [change.lead.id, change.seq]));
  const stamp = (lead: Lead): Lead => ({ ...lead, lastSeq: BigInt(lastSeqs.get(lead.id) ?? lead.lastSeq) });
  const refound = leads.updated.filter((lead) => !sameWords(set.loadedLead(lead.id) ?? lead, lead));
  return [
    { table: 'Lead', mode: 'insert', rows: leads.inserted.map(stamp) },
    { table: 'Lead', mode: 'update', rows: leads.updated.map(stamp) },
    { table: 'LeadSearch', mode: 'insert', rows: [...leads.inserted, ...refound].map(toSearchRow) },
    { table: 'SearchStale', mode: 'insert', rows: refound.filter(({ number }) => isInFullBlock(number, set.leadNumber)) },
    ...plainTables.flatMap((table): Part[] => {
      const { inserted, updated } = set.writes(table);
      return [
        { table, mode: 'insert', rows: inserted },
        { table, mode: 'update', rows: updated },
      ];
    }),
    { table: 'Change', mode: 'insert', rows: set.changes.map((change) => toChangeRow(change, accountId, set.now)) },
    { table: 'IdempotencyRecord', mode: 'insert', rows: answers },
  ];
}

/** Tables whose rows are written as commands put them. */
const plainTables = (Object.keys(tables) as TableName[]).filter(
  (name) => !['Lead', 'LeadSearch', 'SearchStale', 'Change', 'IdempotencyRecord'].includes(name),
);

interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Prepared once for each combination of tables that occurs; there are few. */
const statements = new Map<string, Statement>();

function statementFor(parts: readonly Part[]): Statement {
  const signature = parts.map(({ table, mode }) => `${mode} ${table}`).join(', ');
  const known = statements.get(signature);
  if (known) return known;
  let first = 4;
  const expressions = parts.map(({ table, mode }, i) => {
    const sql = mode === 'insert' ? insertInto(table, first) : updateOf(table, first);
    first += tables[table].columns.length;
    return `part${i} AS (${sql})`;
  });
  const statement = {
    name: `write-${statements.size}`,
    text: `WITH ${[...expressions, head].join(',\n')}
      SELECT pg_notify('leadgraph_changes', $1::text || ' ' || $2::text)`,
  };
  statements.set(signature, statement);
  return statement;
}

const head = `head AS (UPDATE "LogHead" SET seq = $2, "leadNumber" = $3 WHERE "accountId" = $1::uuid)`;

function insertInto(table: TableName, first: number): string {
  const { columns, key, replaces } = tables[table];
  const names = columns.map(({ name }) => name);
  const insert = `INSERT INTO "${table}" (${quoted(names)}) ${selectRows(columns, first)}`;
  if (!replaces) return insert;
  const changing = names.filter((name) => !isOneOf(key, name));
  return `${insert} ON CONFLICT (${quoted(key)}) DO UPDATE SET ${changing.map((name) => `"${name}" = excluded."${name}"`).join(', ')}`;
}

function updateOf(table: TableName, first: number): string {
  const { columns, key, fixed = [] } = tables[table];
  const changing = columns.map(({ name }) => name).filter((name) => !isOneOf(key, name) && !isOneOf(fixed, name));
  return `UPDATE "${table}" t SET ${changing.map((name) => `"${name}" = r."${name}"`).join(', ')}
    FROM (${selectRows(columns, first)}) r WHERE ${key.map((name) => `t."${name}" = r."${name}"`).join(' AND ')}`;
}

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');
const isOneOf = (names: readonly string[], name: string): boolean => names.includes(name);

const toSearchRow = (lead: Lead): SearchRow => ({
  accountId: lead.accountId,
  number: lead.number,
  leadId: lead.id,
  words: searchWords(lead),
});

/** Bits are made of full blocks only, and a block can be full for nobody before this batch, which sees it in the making, has committed. */
const isInFullBlock = (number: number, lastNumber: number): boolean => blockOf(number) < countFullBlocks(lastNumber);

function toChangeRow(change: NumberedChange, accountId: string, recordedAt: Date): ChangeRow {
  const { lead, details, previous, shows = 'all' } = change;
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
    data: `{"lead":${leadJson(lead, shows)}${more}`,
    previous: previous === undefined ? null : JSON.stringify(previous),
    submissionId: change.submissionId ?? null,
    stageChangeId: change.stageChangeId ?? null,
    crmActivityId: change.crmActivityId ?? null,
    leadEventId: change.leadEventId ?? null,
    occurredAt: change.occurredAt,
    recordedAt,
  };
}

const removeCrmActivity = 'DELETE FROM "CrmActivity" WHERE id = ANY($1::uuid[])';

const removal = (Object.keys(tables) as TableName[])
  .filter((name) => tables[name].ofLead)
  .map((name, i) => `gone${i} AS (DELETE FROM "${name}" WHERE "leadId" = ANY($1::uuid[]))`)
  .join(', ');

/** Takes everything of a lead but its log. No foreign keys do this: they would cost every submission 20 us, and only this statement removes leads. */
async function removeLeads(client: pg.ClientBase, ids: readonly string[], lastNumber: number): Promise<void> {
  await client.query({
    name: 'remove-leads',
    text: `WITH ${removal}, lead AS (DELETE FROM "Lead" WHERE id = ANY($1::uuid[]) RETURNING "accountId", number)
      INSERT INTO "SearchStale" ("accountId", number) SELECT "accountId", number FROM lead WHERE number < $2::int`,
    values: [ids, countFullBlocks(lastNumber) * leadsPerBlock],
  });
}

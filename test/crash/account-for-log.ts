import type pg from 'pg';
import { compare, type Finding, uncontradicted } from './finding.ts';

/** Rows that must stand in the log exactly once, and the entries of the log that speak of rows. */
const rowsAndEntries: Readonly<Record<string, readonly [rows: string, entries: string]>> = {
  'leads in the log': [`SELECT id FROM "Lead"`, `SELECT "leadId" AS id FROM "Change" WHERE type = 'lead.created'`],
  'stage changes in the log': [
    `SELECT id FROM "StageChange"`,
    `SELECT "stageChangeId" AS id FROM "Change" WHERE "stageChangeId" IS NOT NULL`,
  ],
  'events in the log': [`SELECT id FROM "LeadEvent"`, `SELECT "leadEventId" AS id FROM "Change" WHERE "leadEventId" IS NOT NULL`],
  'CRM activities in the log': [
    `SELECT id FROM "CrmActivity" WHERE "leadId" IS NOT NULL`,
    `SELECT "crmActivityId" AS id FROM "Change" WHERE "crmActivityId" IS NOT NULL`,
  ],
};

/** The log of each account is 1, 2, 3 to its head, and says of each row once that it came to be. */
export async function accountForLog(client: pg.Client): Promise<Finding[]> {
  const findings = [await contiguous(client)];
  for (const [promise, [rows, entries]] of Object.entries(rowsAndEntries)) {
    findings.push(compare(promise, await readIds(client, rows), await readIds(client, entries)));
  }
  findings.push(await receipts(client));
  return findings;
}

async function readIds(client: pg.Client, sql: string): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(sql);
  return rows.map(({ id }) => id);
}

async function contiguous(client: pg.Client): Promise<Finding> {
  const { rows } = await client.query<{ account: string; head: string; first: string | null; last: string | null; entries: string }>(
    `SELECT h."accountId" AS account, h.seq AS head, min(c.seq) AS first, max(c.seq) AS last, count(c.seq) AS entries
      FROM "LogHead" h LEFT JOIN "Change" c USING ("accountId") GROUP BY 1, 2`,
  );
  const wrong = rows.flatMap(({ account, head, first, last, entries }) =>
    entries === head && (head === '0' || (first === '1' && last === head))
      ? []
      : [`account ${account}: head ${head}, entries ${entries}, from ${first} to ${last}`],
  );
  const heads = rows.reduce((sum, { head }) => sum + Number(head), 0);
  return uncontradicted('log is 1, 2, 3 ... n', heads, wrong);
}

/** A lead that was handed in has its receipt, and the log tells which request brought it. */
async function receipts(client: pg.Client): Promise<Finding> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT l.id FROM "Lead" l WHERE NOT EXISTS (
      SELECT FROM "Change" c JOIN "Submission" s ON s.id = c."submissionId" AND s."accountId" = c."accountId" AND s."leadId" = l.id
        WHERE c."leadId" = l.id AND c.type = 'lead.created')`,
  );
  const leads = await readIds(client, 'SELECT id FROM "Lead"');
  return uncontradicted(
    'receipts of leads',
    leads.length,
    rows.map(({ id }) => `lead ${id} has no receipt`),
  );
}

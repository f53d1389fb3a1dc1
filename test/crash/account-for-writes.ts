import type pg from 'pg';
import { compare, type Finding } from './finding.ts';
import type { Acknowledged, Kind } from './ledger.ts';

/** What stands in the database for each kind of operation: its token, and the lead that it ended at. */
const stored: Readonly<Record<Kind, string>> = {
  postback: `SELECT split_part(email, '@', 1) AS token, id AS "leadId" FROM "Lead" WHERE email LIKE '%@postback.test'`,
  intake: `SELECT split_part(email, '@', 1) AS token, id AS "leadId" FROM "Lead" WHERE email LIKE '%@intake.test'`,
  event: `SELECT e."transactionId" || ' ' || t."eventId" AS token, e."leadId" FROM "LeadEvent" e JOIN "EventType" t ON t.id = e."eventTypeId"`,
  crm: `SELECT "crmLeadId" || ' ' || status AS token, "leadId" FROM "CrmActivity"`,
  move: `SELECT "leadId" || ' ' || row_number() OVER (PARTITION BY "leadId" ORDER BY id) || ' ' || "toStage" AS token, "leadId"
    FROM "StageChange" WHERE via = 'manual'`,
};

const promises: Readonly<Record<Kind, string>> = {
  postback: 'leads by postback',
  intake: 'leads from a source',
  event: 'events',
  crm: 'CRM activities',
  move: 'moves through GraphQL',
};

/** Every acknowledged operation is there once, at the lead that its answer named. */
export async function accountForWrites(client: pg.Client, entries: readonly Acknowledged[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const kind of Object.keys(stored) as Kind[]) {
    const { rows } = await client.query<{ token: string; leadId: string | null }>(stored[kind]);
    const acknowledged = entries.filter((entry) => entry.kind === kind);
    const expected = acknowledged.map(({ token }) => token);
    const found = rows.map(({ token }) => token);
    findings.push(compare(promises[kind], expected, found, misplaced(acknowledged, rows)));
  }
  findings.push(await unbound(client), await revenue(client));
  return findings;
}

function misplaced(acknowledged: readonly Acknowledged[], rows: readonly { token: string; leadId: string | null }[]): string[] {
  const places = new Map(rows.map(({ token, leadId }) => [token, leadId]));
  return acknowledged.flatMap(({ token, leadId }) => {
    const place = places.get(token);
    return leadId === null || place === undefined || place === leadId
      ? []
      : [`${token} was answered with lead ${leadId} and is at ${place}`];
  });
}

/** What came before its lead is bound to the lead that got the id. */
async function unbound(client: pg.Client): Promise<Finding> {
  const { rows } = await client.query<{ activity: string; lead: string | null; bound: string | null }>(
    `SELECT a.id AS activity, l.id AS lead, a."leadId" AS bound FROM "CrmActivity" a
      LEFT JOIN "Lead" l ON l."crmLeadId" = a."crmLeadId" AND l."accountId" = a."accountId"`,
  );
  const wrong = rows.flatMap(({ activity, lead, bound }) =>
    lead === bound && lead !== null ? [] : [`${activity} is bound to ${bound}, not ${lead}`],
  );
  return { promise: 'CRM activities bound', expected: rows.length, found: rows.length - wrong.length, lost: 0, doubled: 0, wrong };
}

/** A sale counts once: 10.01 for each lead that had one. */
async function revenue(client: pg.Client): Promise<Finding> {
  const { rows } = await client.query<{ id: string; revenue: string; sales: string }>(
    `SELECT l.id, l.revenue::text, (SELECT count(*) FROM "LeadEvent" e WHERE e."leadId" = l.id AND e."isConversion")::text AS sales FROM "Lead" l
      WHERE l.revenue <> 0 OR EXISTS (SELECT FROM "LeadEvent" e WHERE e."leadId" = l.id AND e."isConversion")`,
  );
  const wrong = rows.flatMap(({ id, revenue, sales }) =>
    Number(revenue) === 10.01 && sales === '1' ? [] : [`${id} has revenue ${revenue} of ${sales} sales`],
  );
  return { promise: 'revenue of leads', expected: rows.length, found: rows.length - wrong.length, lost: 0, doubled: 0, wrong };
}

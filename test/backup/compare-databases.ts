import { Client } from 'pg';
import { type Finding, uncontradicted } from '../crash/finding.ts';

/** What the log says of its first `$1` changes, and what belongs to them. */
const upToSeq: Readonly<Record<string, string>> = {
  changes: `SELECT concat_ws(' ', id, seq, type, summary, data, previous) AS row FROM "Change" WHERE seq <= $1 ORDER BY seq`,
  leads: `SELECT "leadId"::text AS row FROM "Change" WHERE seq <= $1 AND type = 'lead.created' ORDER BY seq`,
  'stage changes': `SELECT concat_ws(' ', s.id, s."fromStage", s."toStage") AS row FROM "StageChange" s JOIN "Change" c ON c."stageChangeId" = s.id AND c.seq <= $1 ORDER BY s.id`,
  events: `SELECT concat_ws(' ', e.id, e."leadId", e.revenue) AS row FROM "LeadEvent" e JOIN "Change" c ON c."leadEventId" = e.id AND c.seq <= $1 ORDER BY e.id`,
};

/** Without a bound: everything that the restored database has belongs to its log. */
const inAll: Readonly<Record<string, string>> = {
  leads: `SELECT count(*)::int AS n FROM "Lead"`,
  'stage changes': `SELECT count(*)::int AS n FROM "StageChange"`,
  events: `SELECT count(*)::int AS n FROM "LeadEvent"`,
};

/** The restored database is the source as it stood at one moment: at the head of its own log. */
export async function compareDatabases(
  sourceUrl: string,
  restoredUrl: string,
): Promise<{ readonly head: number; readonly findings: Finding[] }> {
  const clients = [new Client({ connectionString: sourceUrl }), new Client({ connectionString: restoredUrl })] as const;
  const [source, restored] = clients;
  await Promise.all(clients.map((client) => client.connect()));
  try {
    const head = Number((await restored.query<{ seq: string }>('SELECT max(seq) AS seq FROM "LogHead"')).rows[0]?.seq);
    const findings: Finding[] = [];
    for (const [name, sql] of Object.entries(upToSeq)) {
      const [theirs, ours] = await Promise.all(
        [source, restored].map(async (client) => (await client.query<{ row: string }>(sql, [head])).rows.map(({ row }) => row)),
      );
      const total = inAll[name] === undefined ? ours?.length : (await restored.query<{ n: number }>(inAll[name])).rows[0]?.n;
      const wrong = [
        ...(theirs?.join('\n') === ours?.join('\n') ? [] : ['the restored rows differ from those of the source']),
        ...(total === ours?.length ? [] : [`${total} rows, of which the log knows ${ours?.length}`]),
      ];
      findings.push(uncontradicted(`${name}, row for row`, ours?.length ?? 0, wrong));
    }
    return { head, findings };
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

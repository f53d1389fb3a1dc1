import { createServer } from 'node:http';
import pg from 'pg';

/**
 * What reading is measured against: a hand-written `node:http` + `pg` handler whose one statement per request builds the very JSON that the
 * graph answers. It checks nothing and knows one question: GET /leads?source=...&deviceType=...&after=<number>.
 */
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 12, options: '-c TimeZone=UTC -c jit=off' });
const { rows: accounts } = await pool.query<{ id: string }>(`SELECT id FROM "Account" WHERE name = 'default'`);
const accountId = accounts[0]?.id ?? '';

const time = (column: string): string => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const toText = (conditions: string): string => `
  WITH page AS MATERIALIZED (
    SELECT * FROM "Lead" WHERE "accountId" = $1 AND number < $2 ${conditions} ORDER BY number DESC LIMIT 51),
  shown AS (SELECT * FROM page ORDER BY number DESC LIMIT 50)
  SELECT json_build_object('data', json_build_object('leads', json_build_object(
    'nodes', coalesce(json_agg(json_build_object(
      'id', 'lead_' || l.id, 'number', l.number, 'email', l.email, 'firstName', l."firstName", 'lastName', l."lastName", 'phone', l.phone,
      'company', l.company, 'stage', json_build_object('name', l.stage), 'sourceName', l."sourceName", 'campaignName', l."campaignName",
      'domain', l.domain, 'tags', l.tags, 'revenue', trim_scale(l.revenue)::text,
      'createdAt', ${time('l."createdAt"')}, 'updatedAt', ${time('l."updatedAt"')},
      'stageHistory', json_build_object('nodes', h.nodes)) ORDER BY l.number DESC), '[]'),
    'pageInfo', json_build_object('hasNextPage', (SELECT count(*) > 50 FROM page),
      'endCursor', translate(rtrim(encode(convert_to('["number",' || min(l.number) || ']', 'UTF8'), 'base64'), '='), '+/', '-_')))))::text AS answer
  FROM shown l CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_object('fromStage', s."fromStage", 'toStage', s."toStage", 'forced', s.forced, 'via', s.via,
      'occurredAt', ${time('s."occurredAt"')}) ORDER BY s.id), '[]') AS nodes
    FROM (SELECT * FROM "StageChange" WHERE "leadId" = l.id ORDER BY id DESC LIMIT 5) s) h`;

const everything = { name: 'leads', text: toText('') };
const filtered = { name: 'filtered-leads', text: toText('AND "sourceName" = $3 AND "deviceType" = $4') };

async function read(url: string): Promise<string> {
  const { searchParams } = new URL(url, 'http://localhost');
  const after = Number(searchParams.get('after') ?? 2 ** 31 - 1);
  const source = searchParams.get('source');
  const question =
    source === null
      ? { ...everything, values: [accountId, after] }
      : { ...filtered, values: [accountId, after, source, searchParams.get('deviceType')] };
  const { rows } = await pool.query<{ answer: string }>(question);
  return rows[0]?.answer ?? '';
}

const server = createServer((request, response) => {
  read(request.url ?? '/').then(
    (answer) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
      response.end(answer);
    },
    (error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain', 'content-length': 5 });
      response.end('error');
      process.stderr.write(`${String(error)}\n`);
    },
  );
});
server.listen(Number(process.env['PORT']), '127.0.0.1', () => process.stdout.write('ready\n'));

import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import pg from 'pg';

/**
 * What we measure ourselves against: a hand-written `node:http` + `pg` handler that writes the very rows a postback leaves behind (lead, search
 * words, receipt, stage change, log entry, head of the log) in one statement a request. It checks nothing.
 *
 * With SEQUENCES=1 it does not keep the promise of the log either: seq and lead number come from sequences, which leave holes and are seen out of
 * order, and no request waits for another.
 */
const { Pool } = pg;
const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 16 });
const { rows: accounts } = await pool.query<{ id: string }>('SELECT id FROM "Account"');
const accountId = accounts[0]?.id ?? '';
const sequences = process.env['SEQUENCES'] === '1';
if (sequences) await pool.query('CREATE SEQUENCE IF NOT EXISTS bare_seq; CREATE SEQUENCE IF NOT EXISTS bare_number');

const stages = [
  'Form Started',
  'Form In Progress',
  'Form Completed',
  'Application Submitted',
  'Payment Pending',
  'Paid',
  'Processing',
  'Completed',
];

const columns = {
  firstName: 'first_name',
  lastName: 'last_name',
  phone: 'phone',
  company: 'company',
  sourceName: 'source',
  domain: 'domain',
  campaignName: 'campaign',
  utmSource: 'utm_source',
  utmMedium: 'utm_medium',
  utmCampaign: 'utm_campaign',
  utmTerm: 'utm_term',
  utmContent: 'utm_content',
  referrer: 'referrer',
  ipAddress: 'ip_address',
  userAgent: 'user_agent',
  browser: 'browser',
  deviceType: 'device_type',
  formPercent: 'form_completion_percent',
  formCompleted: 'form_fields_completed',
  formTotal: 'form_fields_total',
} as const;

const names = Object.keys(columns);
const castOf = (name: string): string =>
  name === 'formPercent' ? '::float8' : name === 'formCompleted' || name === 'formTotal' ? '::int' : '::text';
const firstField = 14;
const head = sequences
  ? `SELECT nextval('bare_seq') AS seq, nextval('bare_number') AS "leadNumber"`
  : `UPDATE "LogHead" SET seq = seq + 1, "leadNumber" = "leadNumber" + CASE WHEN EXISTS (SELECT FROM before) THEN 0 ELSE 1 END
     WHERE "accountId" = $1 RETURNING seq, "leadNumber"`;
const text = `
  WITH before AS (SELECT id, stage FROM "Lead" WHERE "accountId" = $1 AND "emailKey" = $3 AND "duplicateOfId" IS NULL),
  head AS (${head}),
  lead AS (
    INSERT INTO "Lead" ("accountId", id, "emailKey", email, number, stage, "customData", "createdAt", "updatedAt", "lastSeq", ${names.map((n) => `"${n}"`).join(', ')})
    SELECT $1, $2::uuid, $3, $4, head."leadNumber", $5, $6::jsonb, now(), now(), head.seq, ${names.map((name, i) => `$${firstField + i}${castOf(name)}`).join(', ')} FROM head
    ON CONFLICT ("accountId", "emailKey") WHERE "emailKey" IS NOT NULL AND "duplicateOfId" IS NULL DO UPDATE SET
      stage = CASE WHEN array_position($7::text[], excluded.stage) > array_position($7::text[], "Lead".stage) THEN excluded.stage ELSE "Lead".stage END,
      "customData" = "Lead"."customData" || excluded."customData", "updatedAt" = now(),
      ${names.map((n) => `"${n}" = COALESCE(excluded."${n}", "Lead"."${n}")`).join(', ')}
    RETURNING *),
  words AS (
    INSERT INTO "LeadSearch" ("accountId", number, "leadId", words) SELECT "accountId", number, id, array_to_tsvector($8::text[]) FROM lead
    WHERE NOT EXISTS (SELECT FROM before) ON CONFLICT DO NOTHING),
  receipt AS (
    INSERT INTO "Submission" (id, "accountId", "leadId", dialect, actor, outcome, fields, reasons, body, "receivedAt", "durationMs")
    SELECT $9, $1, lead.id, 'bare', 'bare', CASE WHEN before.id IS NULL THEN 'CREATED' ELSE 'UPDATED' END::"SubmissionOutcome", $10, '{}', $11, now(), 0
    FROM lead LEFT JOIN before ON true),
  step AS (
    INSERT INTO "StageChange" (id, "accountId", "leadId", "fromStage", "toStage", forced, via, actor, "occurredAt", "recordedAt")
    SELECT $12, $1, lead.id, before.stage, lead.stage, false, 'postback', 'bare', now(), now()
    FROM lead LEFT JOIN before ON true WHERE before.stage IS DISTINCT FROM lead.stage),
  entry AS (
    INSERT INTO "Change" ("accountId", seq, id, type, "leadId", origin, actor, summary, data, "submissionId", "stageChangeId", "occurredAt", "recordedAt")
    SELECT $1, head.seq, $13::uuid, CASE WHEN before.id IS NULL THEN 'lead.created' ELSE 'lead.updated' END, lead.id, 'bare', 'bare', 'postback',
      json_build_object('lead', json_strip_nulls(row_to_json(lead))), $9::uuid, $12::uuid, now(), now()
    FROM lead CROSS JOIN head LEFT JOIN before ON true)
  SELECT lead.id, lead.stage, before.id IS NULL AS created, before.stage IS DISTINCT FROM lead.stage AS moved FROM lead LEFT JOIN before ON true`;

const textOf = (value: unknown): string => (typeof value === 'string' ? value.toLowerCase() : 'none');

async function record(body: Record<string, unknown>): Promise<string> {
  const email = String(body['email']);
  const emailKey = email.trim().toLowerCase();
  const words = [emailKey, ...emailKey.split('@'), textOf(body['first_name'] ?? 'john'), 'example'];
  const { rows } = await pool.query<{ id: string; stage: string; created: boolean; moved: boolean }>({
    name: 'postback',
    text,
    values: [
      accountId,
      randomUUID(),
      emailKey,
      email,
      body['stage'] ?? stages[0],
      JSON.stringify(body['custom_data'] ?? {}),
      stages,
      words,
      randomUUID(),
      JSON.stringify(Object.fromEntries(Object.keys(body).map((field) => [field, 'SET']))),
      JSON.stringify(body),
      randomUUID(),
      randomUUID(),
      ...Object.values(columns).map((field) => body[field] ?? null),
    ],
  });
  const [row] = rows;
  return JSON.stringify({ success: true, lead_id: row?.id, created: row?.created, stage: row?.stage, stage_changed: row?.moved });
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    record(JSON.parse(Buffer.concat(chunks).toString('utf8'))).then(
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
});
server.listen(Number(process.env['PORT']), '127.0.0.1', () => process.stdout.write('ready\n'));

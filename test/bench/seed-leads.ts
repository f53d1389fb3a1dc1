import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { searchWords } from '../../src/leads/search-words.ts';
import { newUuid } from '../../src/platform/ids.ts';

/**
 * Fills the `default` account of an empty, migrated database with leads of realistic variety: `tsx test/bench/seed-leads.ts <url> [count]
 * [--history]`. The same count gives the same people, so that figures can be compared. A million leads take some minutes.
 */
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
const firstNames =
  'Mary James Patricia John Jennifer Robert Linda Michael Elizabeth David Barbara José Susan Zoë Karen Søren Łukasz Aisha'.split(' ');
const lastNames = "Smith Johnson Williams O'Brien Brown Garcia Miller Davis Rodríguez Martinez Wilson Smith-Jones Müller Nguyen Lee".split(
  ' ',
);
const syllables = 'ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu'.split(' ');
const trades = 'Logistics Bakery Insurance Solar Roofing Dental Motors Foods Media Partners'.split(' ');
const sources = ['website', 'facebook', 'google', 'partner-a', 'newsletter'];

/** How often a lead with a history has had an event of this id, and what of it was revenue. */
const eventTypes = [
  { eventId: 'sale', isConversion: true, part: 0.08 },
  { eventId: 'qualified', isConversion: false, part: 0.15 },
];

const yearMs = 365 * 24 * 3600 * 1000;
const rowsPerStatement = 5000;

interface SeededLead {
  readonly id: string;
  readonly accountId: string;
  readonly number: number;
  readonly stage: string;
  readonly email: string;
  readonly emailKey: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly phone: string;
  readonly phoneE164: string;
  readonly company: string | null;
  readonly sourceName: string;
  readonly campaignName: string;
  readonly domain: string;
  readonly deviceType: string;
  readonly formPercent: number;
  readonly customData: object;
  readonly tags: string[];
  readonly duplicateOfId: string | null;
  readonly cost: number;
  readonly adSpend: number;
  readonly revenue: number;
  readonly payout: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly lastSeq: number;
}

/** Mulberry32: small, fast, and the same everywhere. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = createRandom(42);
/** Of their own, so that the people are the same with a history and without. */
const historyRandom = createRandom(43);
const pick = <Item>(items: readonly Item[], fallback: Item): Item => items[Math.floor(random() * items.length)] ?? fallback;
const name = (length: number): string => Array.from({ length }, () => pick(syllables, 'ba')).join('');
const capitalise = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function toSourceName(part: number): string {
  // A partner that sent a third of all leads and then stopped: the hardest filter, because its leads are many and none of them is new.
  if (part < 0.3 && random() < 0.6) return 'former-partner';
  return random() < 0.00002 ? 'tiny-partner' : pick(sources, 'website');
}

function toDeviceType(): string {
  const chance = random();
  return chance < 0.00002 ? 'smart_tv' : chance < 0.05 ? 'tablet' : chance < 0.5 ? 'desktop' : 'mobile';
}

function toTags(): string[] {
  const tags = random() < 0.2 ? ['newsletter'] : [];
  if (random() < 0.01) tags.push('vip');
  if (random() < 0.00002) tags.push('unicorn');
  return tags;
}

function toLead(accountId: string, number: number, count: number, startMs: number, earlier: readonly SeededLead[]): SeededLead {
  const part = number / count;
  const known = random() < 0.5;
  const firstName = known ? pick(firstNames, 'Mary') : capitalise(name(2));
  const lastName = known ? pick(lastNames, 'Smith') : capitalise(name(3));
  const original = random() < 0.005 ? earlier[Math.floor(random() * earlier.length)] : undefined;
  const email =
    original?.duplicateOfId === null
      ? original.email
      : `${name(3)}.${lastName.toLowerCase()}${number}@${pick(['gmail.com', 'example.com', `${name(3)}.test`], 'example.com')}`;
  const digits = `${200 + Math.floor(random() * 800)}555${String(Math.floor(random() * 10_000)).padStart(4, '0')}`;
  const createdAt = new Date(startMs + part * yearMs);
  return {
    id: newUuid(),
    accountId,
    number,
    stage: stages[Math.min(7, Math.floor(random() ** 2 * 8.2))] ?? 'Form Started',
    email,
    emailKey: email.toLowerCase(),
    firstName,
    lastName,
    phone: `(${digits.slice(0, 3)}) ${digits.slice(3, 6)}-${digits.slice(6)}`,
    phoneE164: `+1${digits}`,
    company: random() < 0.4 ? `${capitalise(name(2))} ${pick(trades, 'Foods')}` : null,
    sourceName: toSourceName(part),
    campaignName: `campaign-${Math.floor(random() ** 2 * 40)}`,
    domain: `site-${Math.floor(random() * 20)}.example.com`,
    deviceType: toDeviceType(),
    formPercent: Math.floor(random() * 101),
    customData: {},
    tags: toTags(),
    duplicateOfId: original?.duplicateOfId === null ? original.id : null,
    cost: 0,
    adSpend: 0,
    revenue: 0,
    payout: 0,
    createdAt,
    updatedAt: createdAt,
    lastSeq: number,
  };
}

const leadColumns: Readonly<Record<keyof SeededLead, string>> = {
  id: 'uuid',
  accountId: 'uuid',
  number: 'int',
  stage: 'text',
  email: 'text',
  emailKey: 'text',
  firstName: 'text',
  lastName: 'text',
  phone: 'text',
  phoneE164: 'text',
  company: 'text',
  sourceName: 'text',
  campaignName: 'text',
  domain: 'text',
  deviceType: 'text',
  formPercent: 'float8',
  customData: 'jsonb',
  tags: 'text[]',
  duplicateOfId: 'uuid',
  cost: 'numeric',
  adSpend: 'numeric',
  revenue: 'numeric',
  payout: 'numeric',
  createdAt: 'timestamptz',
  updatedAt: 'timestamptz',
  lastSeq: 'bigint',
};
const quoted = Object.keys(leadColumns)
  .map((column) => `"${column}"`)
  .join(', ');
const typed = Object.entries(leadColumns)
  .map(([column, type]) => `"${column}" ${type}`)
  .join(', ');

async function insert(client: Client, leads: readonly SeededLead[], history: boolean): Promise<void> {
  const rows = leads.map((lead) => ({ ...lead, words: searchWords({ ...lead, sourceId: null }) }));
  await client.query(
    `WITH source AS MATERIALIZED (SELECT * FROM json_to_recordset($1::json) AS r(${typed}, words text[])),
      leads AS (INSERT INTO "Lead" (${quoted}) SELECT ${quoted} FROM source),
      words AS (INSERT INTO "LeadSearch" ("accountId", number, "leadId", words) SELECT "accountId", number, id, array_to_tsvector(words) FROM source)
      INSERT INTO "Change" ("accountId", seq, id, type, "leadId", origin, actor, summary, data, "occurredAt", "recordedAt")
      SELECT "accountId", "lastSeq", gen_random_uuid(), 'lead.created', id, 'seed', 'seed', 'Lead created', '{}', "createdAt", "createdAt" FROM source`,
    [JSON.stringify(rows)],
  );
  if (history) await insertHistory(client, leads);
}

/** Most leads move on within hours, some within seconds, some after weeks. */
function stayMs(): number {
  const bell = historyRandom() + historyRandom() + historyRandom() + historyRandom() - 2;
  return Math.round(3600_000 * Math.exp(bell * 4));
}

async function insertHistory(client: Client, leads: readonly SeededLead[]): Promise<void> {
  const steps = leads.flatMap(({ accountId, id, stage, createdAt }) => {
    let at = createdAt.getTime();
    return stages.slice(0, stages.indexOf(stage) + 1).map((toStage, i, passed) => {
      if (i > 0) at += stayMs();
      return { id: newUuid(), accountId, leadId: id, fromStage: passed[i - 1] ?? null, toStage, at: new Date(at) };
    });
  });
  await client.query(
    `INSERT INTO "StageChange" (id, "accountId", "leadId", "fromStage", "toStage", forced, via, actor, "occurredAt", "recordedAt")
      SELECT id, "accountId", "leadId", "fromStage", "toStage", false, 'seed', 'seed', at, at
      FROM json_to_recordset($1::json) AS r(id uuid, "accountId" uuid, "leadId" uuid, "fromStage" text, "toStage" text, at timestamptz)`,
    [JSON.stringify(steps)],
  );
  const events = leads.flatMap(({ accountId, id, createdAt }) =>
    eventTypes.flatMap(({ eventId, isConversion, part }) => {
      if (historyRandom() >= part) return [];
      const revenue = isConversion ? Math.round(historyRandom() * 20_000) / 100 : null;
      return { id: newUuid(), accountId, leadId: id, eventId, isConversion, revenue, at: new Date(createdAt.getTime() + stayMs()) };
    }),
  );
  await client.query(
    `INSERT INTO "LeadEvent" (id, "accountId", "leadId", "eventTypeId", "isConversion", revenue, "transactionId", pid, details, actor, "occurredAt", "recordedAt")
      SELECT r.id, r."accountId", "leadId", t.id, r."isConversion", revenue, "leadId"::text, 'organic', '{}', 'seed', at, at
      FROM json_to_recordset($1::json)
        AS r(id uuid, "accountId" uuid, "leadId" uuid, "eventId" text, "isConversion" boolean, revenue numeric, at timestamptz)
      JOIN "EventType" t ON t."accountId" = r."accountId" AND t."eventId" = r."eventId"`,
    [JSON.stringify(events)],
  );
}

async function insertEventTypes(client: Client, accountId: string): Promise<void> {
  await client.query(
    `INSERT INTO "EventType" (id, "accountId", "eventId", name, "isConversion", "allowRepeats")
      SELECT gen_random_uuid(), $1, "eventId", "eventId", "isConversion", true FROM json_to_recordset($2::json) AS r("eventId" text, "isConversion" boolean)`,
    [accountId, JSON.stringify(eventTypes)],
  );
}

/** Building the text index at the end takes a fraction of the time that keeping it up to date would. */
async function seed(url: string, count: number, history: boolean): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; DROP INDEX "LeadSearch_words_idx"`);
    const { rows } = await client.query<{ id: string }>(`SELECT id FROM "Account" WHERE name = 'default'`);
    const accountId = rows[0]?.id ?? '';
    if (history) await insertEventTypes(client, accountId);
    const startMs = Date.now() - yearMs;
    const earlier: SeededLead[] = [];
    for (let first = 1; first <= count; first += rowsPerStatement) {
      const leads = Array.from({ length: Math.min(rowsPerStatement, count - first + 1) }, (_, i) =>
        toLead(accountId, first + i, count, startMs, earlier),
      );
      await insert(client, leads, history);
      earlier.push(...leads.slice(0, 50));
      if (first % 100_000 === 1) process.stdout.write(`${first - 1} of ${count} leads\n`);
    }
    await client.query(`UPDATE "LogHead" SET seq = ${count}, "leadNumber" = ${count} WHERE "accountId" = '${accountId}'`);
    await client.query(`CREATE INDEX "LeadSearch_words_idx" ON "LeadSearch" USING GIN (words)`);
    for (const table of ['Lead', 'LeadSearch', 'Change', 'StageChange', 'LeadEvent']) await client.query(`VACUUM ANALYZE "${table}"`);
  } finally {
    await client.end();
  }
}

const { positionals, values } = parseArgs({ allowPositionals: true, options: { history: { type: 'boolean', default: false } } });
const [url, count] = positionals;
if (!url) throw new Error('usage: tsx test/bench/seed-leads.ts <database url> [number of leads] [--history]');
await seed(url, Number(count ?? 1_000_000), values.history);

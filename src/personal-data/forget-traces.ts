import type pg from 'pg';
import { isAbout, type Person, toPattern, withoutPerson } from './person.ts';

/** How many rows one statement looks through. */
const atOnce = 2000;

interface Trace {
  readonly key: string;
  /** Null: the pattern found nothing in it. */
  readonly json: string | null;
  readonly leadId?: string | null;
  readonly crmLeadId?: string | null;
}

/** A place that holds what was sent of people beside their leads. */
interface Place {
  /** The key before all others. */
  readonly begin: string;
  /** The next rows after `$2` in the order of their keys; `$3` is the pattern. */
  readonly read: string;
  readonly concerns: (person: Person, trace: Trace, value: unknown) => boolean;
  readonly forget: (pool: pg.Pool, accountId: string, found: readonly Trace[], person: Person) => Promise<unknown>;
}

const noUuid = '00000000-0000-0000-0000-000000000000';

const looked = (column: string): string => `CASE WHEN lower(${column}::text) ~ $3 THEN ${column}::text END AS json`;

const refused: Place = {
  begin: noUuid,
  read: `SELECT id AS key, ${looked('body')} FROM "Submission"
    WHERE "accountId" = $1 AND outcome = 'REJECTED' AND "leadId" IS NULL AND id > $2::uuid ORDER BY id LIMIT ${atOnce}`,
  concerns: (person, _trace, value) => isAbout(person, value),
  forget: (pool, accountId, found) =>
    pool.query('DELETE FROM "Submission" WHERE "accountId" = $1 AND id = ANY($2::uuid[])', [accountId, found.map(({ key }) => key)]),
};

/** Receipts of other leads that came with the person's address, which those leads did not get. They stay, without it. */
const conflicts: Place = {
  begin: noUuid,
  read: `SELECT id AS key, "leadId", ${looked('body')} FROM "Submission"
    WHERE "accountId" = $1 AND reasons @> ARRAY['EMAIL_CONFLICT'] AND id > $2::uuid ORDER BY id LIMIT ${atOnce}`,
  concerns: (person, _trace, value) => isAbout(person, value),
  async forget(pool, accountId, found, person) {
    await pool.query(
      `UPDATE "Submission" s SET body = r.body FROM unnest($2::uuid[], $3::json[]) AS r(id, body) WHERE s."accountId" = $1 AND s.id = r.id`,
      [accountId, found.map(({ key }) => key), found.map(({ json }) => withoutTraces(person, json))],
    );
    await takeOutOfAnswers(pool, accountId, new Set(found.map(({ leadId }) => leadId ?? '')), person);
  },
};

/** What those leads' requests were answered stays too, without the address: a repeat must go on finding its answer. */
async function takeOutOfAnswers(pool: pg.Pool, accountId: string, leadIds: ReadonlySet<string>, person: Person): Promise<void> {
  const { rows } = await pool.query<Trace>(
    `SELECT jsonb_build_array(credential, operation, key)::text AS key, ${looked('answer')}
      FROM "IdempotencyRecord" WHERE "accountId" = $1 AND "leadId" = ANY($2::uuid[])`,
    [accountId, [...leadIds], toPattern(person)],
  );
  const found = rows.filter(({ json }) => isAbout(person, toValue(json)));
  await pool.query(
    `UPDATE "IdempotencyRecord" r SET answer = k.answer FROM unnest($2::jsonb[], $3::jsonb[]) AS k(key, answer)
      WHERE r."accountId" = $1 AND (r.credential, r.operation, r.key) = (k.key->>0, k.key->>1, k.key->>2)`,
    [accountId, found.map(({ key }) => key), found.map(({ json }) => withoutTraces(person, json))],
  );
}

const waiting: Place = {
  begin: noUuid,
  read: `SELECT id AS key, "crmLeadId", ${looked('payload')} FROM "CrmActivity"
    WHERE "accountId" = $1 AND "leadId" IS NULL AND id > $2::uuid ORDER BY id LIMIT ${atOnce}`,
  concerns: (person, { crmLeadId }, value) => person.crmLeadIds.has(crmLeadId ?? '') || isAbout(person, value),
  forget: (pool, _accountId, found) =>
    pool.query('DELETE FROM "CrmActivity" WHERE id = ANY($1::uuid[]) AND "leadId" IS NULL', [found.map(({ key }) => key)]),
};

/** Answers that name no lead: to CRM activity that had none at that time. */
const answers: Place = {
  begin: '["", "", ""]',
  read: `SELECT jsonb_build_array(credential, operation, key)::text AS key, answer->'activity'->>'crmLeadId' AS "crmLeadId", ${looked('answer')}
    FROM "IdempotencyRecord" WHERE "accountId" = $1 AND "leadId" IS NULL
      AND (credential, operation, key) > ($2::jsonb->>0, $2::jsonb->>1, $2::jsonb->>2) ORDER BY credential, operation, key LIMIT ${atOnce}`,
  concerns: (person, { crmLeadId }, value) => person.crmLeadIds.has(crmLeadId ?? '') || isAbout(person, value),
  forget: (pool, accountId, found) =>
    pool.query(
      `DELETE FROM "IdempotencyRecord" r USING unnest($2::jsonb[]) AS k(key) WHERE r."accountId" = $1 AND r."leadId" IS NULL
        AND (r.credential, r.operation, r.key) = (k.key->>0, k.key->>1, k.key->>2)`,
      [accountId, found.map(({ key }) => key)],
    ),
};

const places = { refused, conflicts, waiting, answers };

/** What a place holds of the person, a piece at a time, so that no statement takes long. */
async function* findTraces(pool: pg.Pool, accountId: string, person: Person, place: Place): AsyncGenerator<readonly Trace[]> {
  if (person.emails.size + person.phones.size + person.crmLeadIds.size === 0) return;
  const pattern = toPattern(person);
  for (let key = place.begin; ; ) {
    const { rows } = await pool.query<Trace>(place.read, [accountId, key, pattern]);
    const found = rows.filter((trace) => place.concerns(person, trace, toValue(trace.json)));
    if (found.length > 0) yield found;
    const last = rows.at(-1);
    if (!last || rows.length < atOnce) return;
    key = last.key;
  }
}

/** The ids of what a place holds of the person. */
export async function idsOfTraces(pool: pg.Pool, accountId: string, person: Person, place: 'refused' | 'waiting'): Promise<string[]> {
  const ids: string[] = [];
  for await (const found of findTraces(pool, accountId, person, places[place])) ids.push(...found.map(({ key }) => key));
  return ids;
}

/**
 * Forgets what was sent of a person beside their leads: refused receipts, CRM activity that waits, and the answers to it; and takes the person's
 * address out of other leads' receipts. Doing it twice is doing it once.
 */
export async function forgetTraces(pool: pg.Pool, accountId: string, person: Person): Promise<void> {
  for (const place of Object.values(places))
    for await (const found of findTraces(pool, accountId, person, place)) await place.forget(pool, accountId, found, person);
}

const withoutTraces = (person: Person, json: string | null): string => JSON.stringify(withoutPerson(person, toValue(json)));
const toValue = (json: string | null): unknown => (json === null ? null : JSON.parse(json));

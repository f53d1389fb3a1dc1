import type pg from 'pg';
import { toEmailKey } from '../leads/email.ts';
import { toE164 } from '../leads/phone.ts';
import type { Person } from './person.ts';

/** The leads that belong together: the one that others repeat first, then those. Empty when the account has no such lead. */
export async function findGroup(pool: pg.Pool, accountId: string, leadId: string): Promise<readonly string[]> {
  const { rows } = await pool.query<{ readonly id: string }>({
    name: 'leads-of-person',
    text: `SELECT l.id FROM (SELECT coalesce("duplicateOfId", id) AS id FROM "Lead" WHERE id = $2 AND "accountId" = $1) root
      CROSS JOIN LATERAL (SELECT id, number FROM "Lead" WHERE id = root.id UNION SELECT id, number FROM "Lead" WHERE "duplicateOfId" = root.id) l
      ORDER BY l.id <> root.id, l.number`,
    values: [accountId, leadId],
  });
  return rows.map(({ id }) => id);
}

interface Contact {
  readonly email: string | null;
  readonly phone: string | null;
  readonly crmLeadId: string | null;
}

/** By what these leads were ever known, as the log and their receipts tell, without what belongs to another lead now. */
export async function findPerson(pool: pg.Pool, accountId: string, leadIds: readonly string[]): Promise<Person> {
  const { rows } = await pool.query<Contact>({
    name: 'contacts-of-leads',
    text: `SELECT DISTINCT data->'lead'->>'email' AS email, data->'lead'->>'phone' AS phone, data->'lead'->>'crmLeadId' AS "crmLeadId"
        FROM "Change" WHERE "leadId" = ANY($2::uuid[]) AND "accountId" = $1
      UNION SELECT NULL, NULL, "crmLeadId" FROM "Submission" WHERE "leadId" = ANY($2::uuid[]) AND "crmLeadId" IS NOT NULL`,
    values: [accountId, leadIds],
  });
  const written = distinct(rows.map(({ email }) => email));
  const keys = written.map(toEmailKey);
  const crmLeadIds = distinct(rows.map(({ crmLeadId }) => crmLeadId));
  const others = await findOthers(pool, accountId, leadIds, keys, crmLeadIds);
  const phones = distinct(rows.map(({ phone }) => phone?.trim() ?? null));
  return {
    emails: new Set(written.flatMap((email) => (others.has(toEmailKey(email)) ? [] : [email.trim().toLowerCase(), toEmailKey(email)]))),
    phones: new Set(phones.flatMap((phone) => [phone, toE164(phone) ?? phone])),
    crmLeadIds: new Set(crmLeadIds.filter((id) => !others.has(id))),
  };
}

/** Addresses and CRM ids that other leads have, the duplicates that stay among them. */
async function findOthers(
  pool: pg.Pool,
  accountId: string,
  leadIds: readonly string[],
  emailKeys: readonly string[],
  crmLeadIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ readonly value: string }>({
    name: 'contacts-of-others',
    text: `SELECT "emailKey" AS value FROM "Lead" WHERE "accountId" = $1 AND "emailKey" = ANY($3::text[]) AND "duplicateOfId" IS NULL AND id <> ALL($2::uuid[])
      UNION SELECT "emailKey" FROM "Lead" WHERE "duplicateOfId" = ANY($2::uuid[]) AND "emailKey" IS NOT NULL AND id <> ALL($2::uuid[])
      UNION SELECT "crmLeadId" FROM "Lead" WHERE "accountId" = $1 AND "crmLeadId" = ANY($4::text[]) AND id <> ALL($2::uuid[])`,
    values: [accountId, leadIds, emailKeys, crmLeadIds],
  });
  return new Set(rows.map(({ value }) => value));
}

const distinct = (values: readonly (string | null)[]): string[] => [...new Set(values.filter((value) => value !== null))];

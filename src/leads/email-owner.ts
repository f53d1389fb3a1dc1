import type { Lead } from '../../prisma/generated/client/client.ts';
import type { Draft } from '../writes/draft.ts';

/** Whether an email that is new to a lead is that of another person: neither its own already, nor that of one of its duplicates. */
export function belongsToAnother(draft: Draft, lead: Lead, emailKey: string | null): boolean {
  if (emailKey === null || emailKey === lead.emailKey) return false;
  const owner = draft.leadByEmail(emailKey);
  return owner !== undefined && owner.id !== lead.id && owner.duplicateOfId !== lead.id;
}

/** The oldest duplicate of account `$1` that has an email, as SQL: whom it means where no canonical lead has it. The sum is the order of its index alone. */
export const oldestDuplicate = (emailKey: string): string =>
  `SELECT * FROM "Lead" WHERE "emailKey" = ${emailKey} AND "accountId" = $1 AND "duplicateOfId" IS NOT NULL ORDER BY (number + 0) LIMIT 1`;

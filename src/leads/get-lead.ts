import type { Lead } from '../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';
import { createBatchLoader } from '../platform/batch-loader.ts';
import { uuidOf } from '../platform/ids.ts';
import { isStorable } from '../platform/parameters.ts';
import { toEmailKey } from './email.ts';
import { oldestDuplicate } from './email-owner.ts';
import { toLeadNumber } from './lead-number.ts';
import { leadIdOfTransaction } from './transaction-id.ts';

type Reader = Pick<Context, 'database'>;

/** Names one lead by exactly one of its keys. */
export interface LeadSelector {
  readonly id?: string | null | undefined;
  readonly number?: number | null | undefined;
  readonly email?: string | null | undefined;
  readonly crmLeadId?: string | null | undefined;
  readonly transactionId?: string | null | undefined;
}

/** A lead of the account, or null: another account's lead is no lead. */
export const findLeadById = createBatchLoader<Reader, string, string, Lead | null>(async ({ database }, accountId, ids) => {
  const { rows } = await database.readPool.query<Lead>({
    name: 'leads-by-id',
    text: 'SELECT * FROM "Lead" WHERE id = ANY($1::uuid[]) AND "accountId" = $2',
    values: [ids, accountId],
  });
  const byId = new Map(rows.map((lead) => [lead.id, lead]));
  return ids.map((id) => byId.get(id) ?? null);
});

/** Whether a lead of the account was there and was erased. */
export async function isErasedLead({ database }: Reader, accountId: string, id: string): Promise<boolean> {
  const text = `SELECT FROM "Change" WHERE "leadId" = $1 AND type = 'lead.erased' AND "accountId" = $2`;
  const { rowCount } = await database.readPool.query({ name: 'is-erased-lead', text, values: [id, accountId] });
  return rowCount === 1;
}

/** The id of the lead that people name by its number; null where the text names none. */
export async function findLeadIdByNumber(ctx: Reader, accountId: string, text: string): Promise<string | null> {
  const number = toLeadNumber(text);
  return number === null ? null : ((await findLead(ctx, accountId, { number }))?.id ?? null);
}

export async function findLead(ctx: Reader, accountId: string, by: LeadSelector): Promise<Lead | null> {
  if (by.id != null) {
    const id = uuidOf('Lead', by.id);
    return id === null ? null : findLeadById(ctx, accountId, id);
  }
  if (by.email != null) return findLeadByEmail(ctx, accountId, by.email);
  const [condition, value, id = null] = toCondition(by);
  if (typeof value === 'string' && !isStorable(value)) return null;
  const { rows } = await ctx.database.readPool.query<Lead>(
    `SELECT * FROM "Lead" WHERE "accountId" = $1 AND ${condition} ORDER BY number DESC LIMIT 1`,
    [accountId, value, ...(id === null ? [] : [id])],
  );
  if (rows[0] || by.crmLeadId == null) return rows[0] ?? null;
  // A follow-up that got a CRM id of its own: the CRM means the lead of its newest submission.
  const followUp = await ctx.database.readPool.query<Lead>({
    name: 'lead-by-crm-id-of-submission',
    text: `SELECT l.* FROM "Submission" s JOIN "Lead" l ON l.id = s."leadId"
      WHERE s."accountId" = $1 AND s."crmLeadId" = $2 ORDER BY s.id DESC LIMIT 1`,
    values: [accountId, value],
  });
  return followUp.rows[0] ?? null;
}

/** Whom an email means, as writes see it. */
async function findLeadByEmail({ database }: Reader, accountId: string, email: string): Promise<Lead | null> {
  if (!isStorable(email)) return null;
  const { rows } = await database.readPool.query<Lead>({
    name: 'lead-by-email',
    text: `(SELECT * FROM "Lead" WHERE "emailKey" = $2 AND "accountId" = $1 AND "duplicateOfId" IS NULL)
      UNION ALL (${oldestDuplicate('$2')}) ORDER BY "duplicateOfId" NULLS FIRST LIMIT 1`,
    values: [accountId, toEmailKey(email)],
  });
  return rows[0] ?? null;
}

function toCondition({
  number,
  crmLeadId,
  transactionId,
}: LeadSelector): readonly [condition: string, value: string | number | null, id?: string] {
  if (number != null) return ['number = $2::int', number];
  // Two leads may carry one CRM id: the CRM then talks about the newer.
  if (crmLeadId != null) return ['"crmLeadId" = $2', crmLeadId];
  const id = transactionId == null ? null : leadIdOfTransaction(transactionId);
  if (id !== null) return ['("transactionId" = $2 OR id = $3)', transactionId ?? null, id];
  return ['"transactionId" = $2', transactionId ?? null];
}

import type { Conversation } from '../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';
import { createBatchLoader } from '../platform/batch-loader.ts';

/** The conversation with a lead of the account, or null. */
export const findConversation = createBatchLoader<Pick<Context, 'database'>, string, string, Conversation | null>(
  async ({ database }, accountId, leadIds) => {
    const { rows } = await database.readPool.query<Conversation>({
      name: 'conversations-of-leads',
      text: 'SELECT * FROM "Conversation" WHERE "leadId" = ANY($1::uuid[]) AND "accountId" = $2',
      values: [leadIds, accountId],
    });
    const byLead = new Map(rows.map((row) => [row.leadId, row]));
    return leadIds.map((id) => byLead.get(id) ?? null);
  },
);

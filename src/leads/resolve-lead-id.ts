import type { Context } from '../context.ts';
import { uuidOf } from '../platform/ids.ts';
import { findLead } from './get-lead.ts';
import { toLeadNumber } from './lead-number.ts';

/** The UUID of the lead that people name by its number and programs by its id; null where the text names none. */
export async function resolveLeadId(ctx: Pick<Context, 'database'>, accountId: string, text: string): Promise<string | null> {
  const uuid = uuidOf('Lead', text);
  if (uuid !== null) return uuid;
  const number = toLeadNumber(text);
  return number === null ? null : ((await findLead(ctx, accountId, { number }))?.id ?? null);
}

import type { CostOperation, Lead, LedgerKind, Prisma } from '../../prisma/generated/client/client.ts';
import { newUuid } from '../platform/ids.ts';
import { minus, plus } from '../platform/money.ts';
import type { Draft } from '../writes/draft.ts';

const columns = { COST: 'cost', AD_SPEND: 'adSpend', PAYOUT: 'payout' } as const satisfies Record<LedgerKind, keyof Lead>;

export interface Movement {
  readonly kind: LedgerKind;
  readonly operation: CostOperation;
  readonly sent: Prisma.Decimal;
  /** Why, for people. */
  readonly cause: string;
  readonly leadEventId: string | null;
  readonly actor: string;
}

/**
 * Writes a movement of a lead's money into the ledger and gives the lead with its new sum. Nothing else changes `cost`, `adSpend` or
 * `payout` of a lead: that is why they always equal their rows.
 */
export function book(draft: Draft, lead: Lead, movement: Movement): Lead {
  const { kind, operation, sent } = movement;
  const column = columns[kind];
  const amount = operation === 'ADD' ? sent : operation === 'SUBTRACT' ? sent.negated() : minus(sent, lead[column]);
  enter(draft, lead, movement, amount);
  return amount.isZero() ? lead : { ...lead, [column]: plus(lead[column], amount) };
}

/** Writes down the cost that a lead has from the start. */
export function bookFirstCost(draft: Draft, lead: Lead, cause: string, actor: string): void {
  if (lead.cost.isZero()) return;
  enter(draft, lead, { kind: 'COST', operation: 'ADD', sent: lead.cost, cause, leadEventId: null, actor }, lead.cost);
}

function enter(draft: Draft, { id: leadId, accountId }: Lead, movement: Movement, amount: Prisma.Decimal): void {
  draft.put('LedgerEntry', { id: newUuid(), accountId, leadId, ...movement, amount, recordedAt: draft.now });
}

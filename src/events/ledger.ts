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
 * Writes a movement of a lead's money into the ledger and gives the lead with its new sum. There is no other way to change `cost`, `adSpend`
 * or `payout`: that is why they always equal their rows.
 */
export function book(draft: Draft, lead: Lead, { kind, operation, sent, ...rest }: Movement): Lead {
  const column = columns[kind];
  const amount = operation === 'ADD' ? sent : operation === 'SUBTRACT' ? sent.negated() : minus(sent, lead[column]);
  const entry = {
    id: newUuid(),
    accountId: lead.accountId,
    leadId: lead.id,
    kind,
    operation,
    sent,
    amount,
    ...rest,
    recordedAt: draft.now,
  };
  draft.put('LedgerEntry', entry);
  return amount.isZero() ? lead : { ...lead, [column]: plus(lead[column], amount) };
}

import type { Prisma } from '../../prisma/generated/client/client.ts';
import { percentOf } from '../platform/money.ts';

/** What a conversion pays out: a fixed amount, or a percentage of its revenue. */
export type Payout =
  | { readonly fixed: Prisma.Decimal; readonly percent: null }
  | { readonly fixed: null; readonly percent: Prisma.Decimal };

export interface StoredPayout {
  readonly payoutFixed: Prisma.Decimal | null;
  readonly payoutPercent: Prisma.Decimal | null;
}

export function toPayout({ payoutFixed, payoutPercent }: StoredPayout): Payout | null {
  if (payoutFixed !== null) return { fixed: payoutFixed, percent: null };
  return payoutPercent === null ? null : { fixed: null, percent: payoutPercent };
}

export const payoutOf = (payout: Payout, revenue: Prisma.Decimal): Prisma.Decimal =>
  payout.fixed === null ? percentOf(payout.percent, revenue) : payout.fixed;

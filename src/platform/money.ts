import { Prisma } from '../../prisma/generated/client/client.ts';

type Decimal = Prisma.Decimal;

/** The library rounds results to 20 digits, which is less than two of our columns' 38 need. Only results are rounded, never what is read. */
const Exact = Prisma.Decimal.clone({ precision: 100 });

/** Digits after the point that the database keeps. */
export const moneyScale = 18;

export const zero = new Prisma.Decimal(0);

export const plus = (a: Decimal, b: Decimal): Decimal => (b.isZero() ? a : new Prisma.Decimal(new Exact(a).plus(b)));

export const minus = (a: Decimal, b: Decimal): Decimal => new Prisma.Decimal(new Exact(a).minus(b));

/** A percentage of an amount. The one place where digits can be lost: beyond the eighteenth after the point, half goes up. */
export const percentOf = (percent: Decimal, amount: Decimal): Decimal =>
  new Prisma.Decimal(new Exact(amount).times(percent).div(100).toDecimalPlaces(moneyScale, Prisma.Decimal.ROUND_HALF_UP));

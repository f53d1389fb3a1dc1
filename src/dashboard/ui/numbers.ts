const whole = new Intl.NumberFormat('en-US');
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });
const money = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const shortMoney = new Intl.NumberFormat('en-US', { notation: 'compact', minimumFractionDigits: 2, maximumFractionDigits: 2 });
const percent = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

export const formatCount = (count: number): string => whole.format(count);
export const formatShort = (count: number): string => (count < 10_000 ? whole.format(count) : compact.format(count));
/** An exact decimal as the graph gives it; its digits never pass through a float. */
export const formatMoney = (decimal: string): string => money.format(decimal as Intl.StringNumericLiteral);
/** For where there is no room for many digits. */
export const formatShortMoney = (decimal: string): string =>
  Math.abs(Number(decimal)) < 1_000_000 ? formatMoney(decimal) : shortMoney.format(decimal as Intl.StringNumericLiteral);
export const formatPercent = (value: number | null): string => (value === null ? '–' : `${percent.format(value)}%`);

export const plural = (count: number, one: string, many = `${one}s`): string => `${formatCount(count)} ${count === 1 ? one : many}`;

export function formatDuration(seconds: number): string {
  const units: readonly (readonly [number, string])[] = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'm'],
  ];
  const [size, unit] = units.find(([atLeast]) => seconds >= atLeast) ?? [1, 's'];
  return `${percent.format(seconds / size)} ${unit}`;
}

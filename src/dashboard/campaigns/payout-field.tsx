import type { Payout, PayoutInput } from '../documents/campaigns.ts';
import { formatMoney } from '../ui/numbers.ts';
import { SelectField, TextField } from '../ui/fields.tsx';
import { textOf } from '../ui/form-values.ts';

interface PayoutFieldProps {
  readonly name: string;
  /** What no amount means. */
  readonly none: string;
  readonly payout: Payout | null;
}

/** An amount, or a percentage of the revenue. */
export function PayoutField({ name, none, payout }: PayoutFieldProps) {
  const kind = payout === null ? '' : payout.fixed === null ? 'percent' : 'fixed';
  return (
    <>
      <SelectField
        name={`${name}-kind`}
        label="Payout"
        value={kind}
        options={[
          ['', none],
          ['fixed', 'an amount'],
          ['percent', '% of revenue'],
        ]}
      />
      <TextField name={name} label="How much" decimal value={payout?.fixed ?? payout?.percent ?? null} />
    </>
  );
}

/** Null: none. */
export function payoutFrom(data: FormData, name: string): PayoutInput | null {
  const amount = textOf(data, name) || '0';
  const kind = textOf(data, `${name}-kind`);
  if (kind === '') return null;
  return kind === 'percent' ? { percent: amount } : { fixed: amount };
}

export const payoutText = ({ fixed, percent }: Payout): string => (fixed === null ? `${percent}%` : formatMoney(fixed));

export const isSamePayout = (a: Payout | null, b: Payout | null): boolean => a?.fixed === b?.fixed && a?.percent === b?.percent;

import type { Source } from '../documents/sources.ts';

/** What a lead of the source must bring, in words. */
export function rulesOf({ requiresTrustedForm, allowedStates, allowedProducts }: Source): string {
  const rules = [
    requiresTrustedForm ? 'TrustedForm certificate' : 'no certificate needed',
    allowedStates.length === 0 ? 'any state' : `states ${allowedStates.join(', ')}`,
    allowedProducts.length === 0 ? 'any product' : `products ${allowedProducts.join(', ')}`,
  ];
  return rules.join('; ');
}

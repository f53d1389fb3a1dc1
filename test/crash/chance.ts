import { setTimeout as sleep } from 'node:timers/promises';

export const upTo = (most: number): number => Math.random() * most;

export const oneIn = (n: number): boolean => Math.random() < 1 / n;

export const rest = (mostMs: number): Promise<void> => sleep(upTo(mostMs));

export function pick<Value>(values: readonly [Value, ...Value[]]): Value {
  return values[Math.floor(upTo(values.length))] ?? values[0];
}

/** The same things in an order of chance. */
export function shuffled<Value>(values: readonly Value[]): Value[] {
  return values
    .map((value) => ({ value, place: Math.random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ value }) => value);
}

import { print } from '../crash/report.ts';

/** A promise, what was measured, the figure, and its bound: at most, or at least when it is negative. */
export type Verdict = readonly [promise: string, measured: string, figure: number, bound: number];

export function printVerdicts(verdicts: readonly Verdict[]): boolean[] {
  const kept = verdicts.map(([, , figure, bound]) => (bound < 0 ? figure >= -bound : figure <= bound));
  const rows = verdicts.map(([promise, measured, figure, bound], i) => [
    promise,
    measured,
    String(Number(figure.toFixed(2))),
    bound < 0 ? `at least ${-bound}` : `at most ${bound}`,
    kept[i] ? 'kept' : 'MISSED',
  ]);
  const widths = rows.reduce<number[]>((most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)), []);
  print(`\n${rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')).join('\n')}\n`);
  return kept;
}

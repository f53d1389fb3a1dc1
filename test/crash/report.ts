import { type Finding, isKept } from './finding.ts';
import type { Ledger } from './ledger.ts';

const largestQuote = 5;

/** What happened to the server, and how long it took to be back. */
export interface Damage {
  readonly serverKills: number;
  /** Of these, while the process was still starting. */
  readonly killsWhileStarting: number;
  readonly databaseKills: Readonly<Record<string, number>>;
  /** From the kill of the server to the first acknowledgement of the next process. */
  readonly serverAwayMs: readonly number[];
  /** From the moment PostgreSQL takes connections again to the first acknowledgement (row 52 promises 5 s). */
  readonly backAfterDatabaseMs: readonly number[];
}

export function printFindings(title: string, findings: readonly Finding[]): void {
  const rows = findings.map(({ promise, expected, found, lost, doubled, wrong }) => [
    promise,
    ...[expected, found, lost, doubled, wrong.length].map((count) => count.toLocaleString('en-US')),
  ]);
  const table = [[title, 'expected', 'found', 'lost', 'doubled', 'wrong'], ...rows];
  const widths = table.reduce<number[]>((most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)), []);
  const lines = table.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart((widths[i] ?? 0) + 2))).join(''),
  );
  print(`\n${lines.join('\n')}\n`);
  for (const { promise, wrong } of findings) {
    for (const text of wrong.slice(0, largestQuote)) print(`  ${promise}: ${text}`);
    if (wrong.length > largestQuote) print(`  ${promise}: and ${wrong.length - largestQuote} more`);
  }
}

export function printDamage(damage: Damage, ledger: Ledger): void {
  const databaseKills = Object.entries(damage.databaseKills).map(([manner, count]) => `${count} ${manner}`);
  print(
    `server killed ${damage.serverKills} times, ${damage.killsWhileStarting} of them while it started; PostgreSQL: ${databaseKills.join(', ')}`,
  );
  print(
    `first acknowledgement after a kill of the server: ${spread(damage.serverAwayMs)}; after PostgreSQL was up again: ${spread(damage.backAfterDatabaseMs)}`,
  );
  print(
    `sent ${ledger.sent()} requests, ${ledger.entries.length} acknowledged, ${ledger.replayed()} of them from the store; ${JSON.stringify(ledger.refusals)}`,
  );
}

const spread = (times: readonly number[]): string => `at most ${most(times)} ms`;

export const most = (times: readonly number[]): number => Math.round(Math.max(0, ...times));

export const sumOf = (findings: readonly Finding[], column: 'lost' | 'doubled'): number =>
  findings.reduce((sum, finding) => sum + finding[column], 0);

/** One line that programs read, and one that every CI understands. */
export function conclude(test: string, figures: Readonly<Record<string, unknown>>, verdicts: readonly boolean[]): void {
  const passed = verdicts.filter(Boolean).length;
  print(JSON.stringify({ test, ...figures }));
  print(`\n${passed} passed, ${verdicts.length - passed} failed`);
  process.exitCode = passed === verdicts.length ? 0 : 1;
}

export const verdictsOf = (findings: readonly Finding[]): boolean[] => findings.map(isKept);

/** For whoever watches. */
export function progress(text: string): void {
  print(`${Math.round(performance.now() / 1000)} s: ${text}`);
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

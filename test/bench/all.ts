import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import path from 'node:path';

/**
 * `npm run bench`: every benchmark in its quick form, one after another, and one table of what they found beside what is promised. A benchmark
 * alone, in its full form, is `npm run bench:<name>`. Names as arguments run only these.
 */
interface Figure {
  readonly bench: string;
  /** Where the figure stands in the benchmark's last line. */
  readonly at: string;
  readonly says: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

const figures: readonly Figure[] = [
  { bench: 'write', at: 'ratioToBare', says: 'postbacks, times those of a hand-written handler that writes the same rows', atLeast: 1.5 },
  { bench: 'write', at: 'ratioToPrisma', says: 'postbacks, times those of a handler with a Prisma transaction', atLeast: 8 },
  { bench: 'write', at: 'p99ToBare', says: 'p99 of a postback, times that of the hand-written handler', atMost: 1 },
  { bench: 'write', at: 'ratioIntakeToPostback', says: 'leads of sources, times the postbacks', atLeast: 0.7 },
  { bench: 'write', at: 'lost', says: 'acknowledged postbacks that are not stored', atMost: 0 },
  { bench: 'write', at: 'memoryMb', says: 'memory of the server under load, MB', atMost: 350 },
  { bench: 'events', at: 'ratioToPostback', says: 'fired events, times the postbacks', atLeast: 0.8 },
  { bench: 'crm', at: 'ratio', says: 'postbacks beside 1,000 CRM events a second, times those without', atLeast: 0.5 },
  { bench: 'read', at: 'ratio', says: '50 leads with 5 stage changes each over GraphQL, times a hand-written handler', atLeast: 0.4 },
  { bench: 'search', at: 'worstP95Ms', says: 'the first 50 leads of any search, the slowest of thirty: p95, ms', atMost: 50 },
  { bench: 'analytics', at: 'unfiltered.p95Ms', says: 'the overview: p95, ms', atMost: 25 },
  { bench: 'analytics', at: 'unfiltered.timesAsLong', says: 'the overview at many leads, times as long as at few', atMost: 1.3 },
  { bench: 'analytics', at: 'ingestKept.alike', says: 'postbacks while numbers are kept, times those without', atLeast: 0.85 },
  { bench: 'webhooks', at: 'alone.p99', says: 'from a commit to the receiver at 200 saves a second: p99, ms', atMost: 2000 },
  {
    bench: 'webhooks',
    at: 'besideHanging.p99OverAnswering.median',
    says: 'the same beside an endpoint that hangs, times as long as beside one that answers',
    atMost: 1.2,
  },
  { bench: 'webhooks', at: 'backlog.perSecond', says: 'deliveries a second out of a backlog', atLeast: 3000 },
  { bench: 'live', at: 'undelivered', says: 'live messages that did not arrive', atMost: 0 },
  { bench: 'live', at: 'p99Ms', says: 'live messages to all subscribers: p99, ms', atMost: 500 },
  { bench: 'live', at: 'ratioToAlone', says: 'live messages a CPU second, times those of one execution a subscriber', atLeast: 4 },
  { bench: 'live', at: 'kbPerSubscriber', says: 'memory of a live subscriber, KB', atMost: 25 },
  { bench: 'cluster', at: 'crossingP50Ms', says: 'from a post at one server to a subscriber at another: p50, ms', atMost: 100 },
];

function run(name: string): Promise<unknown> {
  return new Promise((resolve) => {
    const script = path.join(import.meta.dirname, `${name}.ts`);
    const child = spawn(process.execPath, ['--import', 'tsx', script, '--quick'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
    });
    child.on('close', () => resolve(lastLine(output)));
  });
}

function lastLine(output: string): unknown {
  const line = output
    .trimEnd()
    .split('\n')
    .findLast((text) => text.startsWith('{"bench"'));
  return line === undefined ? null : JSON.parse(line);
}

const valueAt = (result: unknown, at: string): unknown =>
  at
    .split('.')
    .reduce<unknown>((value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined), result);

function verdict({ atLeast, atMost }: Figure, value: unknown): string {
  if (typeof value !== 'number') return 'no figure';
  return (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost) ? 'kept' : 'NOT KEPT';
}

const promiseOf = ({ atLeast, atMost }: Figure): string => (atLeast !== undefined ? `at least ${atLeast}` : `at most ${atMost}`);

const wanted = process.argv.slice(2);
const names = [...new Set(figures.map(({ bench }) => bench))].filter((name) => wanted.length === 0 || wanted.includes(name));
const rows: string[] = [];
let broken = 0;
for (const name of names) {
  const result = await run(name);
  for (const figure of figures.filter(({ bench }) => bench === name)) {
    const value = valueAt(result, figure.at);
    const said = verdict(figure, value);
    if (said !== 'kept') broken += 1;
    rows.push(
      `| ${figure.says} | ${typeof value === 'number' ? value : '-'} | ${promiseOf(figure)} | ${said} | \`npm run bench:${name}\` |`,
    );
  }
  process.stderr.write(`${name} done\n`);
}
const [cpu] = cpus();
console.log(
  `${cpus().length} cores (${cpu?.model.trim()}), Node ${process.version}, ${new Date().toISOString().slice(0, 10)}, quick forms\n`,
);
console.log('| What | Measured | Promised | | Alone |\n|---|---|---|---|---|');
for (const row of rows) console.log(row);
console.log(JSON.stringify({ bench: 'all', figures: rows.length, notKept: broken }));
process.exitCode = broken === 0 ? 0 : 1;

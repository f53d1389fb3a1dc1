import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type SeededFault, seededFaults } from './faults.ts';

/**
 * `npm run test:seeded-faults [part of a name]`: makes one mistake after the other in a copy of the tree and runs the test that is said to see
 * it. Prints a table; ends with 1 when a mistake went unseen.
 */
const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');
const parts = ['src', 'rest-compat', 'prisma', 'test', 'package.json', 'tsconfig.json', 'schema.graphql', 'README.md'];

async function copyTree(): Promise<string> {
  const copy = await mkdtemp(path.join(tmpdir(), 'leadgraph-faults-'));
  for (const part of parts) await cp(path.join(root, part), path.join(copy, part), { recursive: true });
  await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  return copy;
}

interface Report {
  readonly testResults: readonly { readonly assertionResults: readonly { readonly title: string; readonly status: string }[] }[];
}

/** The status of the named test: `passed`, `failed`, or that it did not run. */
async function runTest(tree: string, { test, says }: SeededFault): Promise<string> {
  const report = path.join(tree, 'report.json');
  const literal = says.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const options = ['--root', '.', '--config', 'test/vitest.config.ts', '--reporter=json', `--outputFile=${report}`];
  const vitest = path.join(tree, 'node_modules/vitest/vitest.mjs');
  await run(process.execPath, [vitest, 'run', ...options, test, '-t', literal], { cwd: tree, maxBuffer: 64 * 1024 * 1024 }).catch(
    () => undefined,
  );
  const { testResults } = JSON.parse(await readFile(report, 'utf8')) as Report;
  await rm(report);
  const found = testResults.flatMap(({ assertionResults }) => assertionResults).find(({ title }) => title === says);
  return found?.status ?? 'did not run';
}

async function seed(tree: string, fault: SeededFault): Promise<string> {
  const file = path.join(tree, fault.file);
  const text = await readFile(file, 'utf8');
  await writeFile(
    file,
    text.replace(fault.right, () => fault.wrong),
  );
  const status = await runTest(tree, fault);
  await writeFile(file, text);
  return status;
}

const [wanted = ''] = process.argv.slice(2);
const faults = seededFaults.filter(({ name }) => name.includes(wanted));
const tree = await copyTree();
let unseen = 0;
console.log('| Fault | Where | Turns red |\n|---|---|---|');
try {
  for (const fault of faults) {
    const status = await seed(tree, fault);
    if (status !== 'failed') unseen += 1;
    const verdict = status === 'failed' ? '' : ` **${status}**`;
    console.log(`| ${fault.name} | \`${fault.file}\` | \`${fault.test}\`: ${fault.says}${verdict} |`);
  }
} finally {
  await rm(tree, { recursive: true, force: true });
}
console.log(`\n${faults.length - unseen} passed, ${unseen} failed`);
process.exitCode = unseen === 0 ? 0 : 1;

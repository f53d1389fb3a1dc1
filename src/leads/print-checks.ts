import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { projectRoot } from '../platform/project-root.ts';
import { submissionChecks } from './submission-checks.ts';

/** Writes the table of checks into the README, between its marks; with `--check` only says whether it is there. */
const readme = fileURLToPath(new URL('README.md', projectRoot));
const [begin, end] = ['<!-- checks: made by src/leads/print-checks.ts -->', '<!-- /checks -->'];

const table = [
  '| | Refused | Status | Code or reason |',
  '|---|---|---|---|',
  ...submissionChecks.map(({ refuses, status, code }, i) => `| ${i + 1} | ${refuses} | ${status} | \`${code}\` |`),
].join('\n');

const text = readFileSync(readme, 'utf8');
const [before, rest] = text.split(begin);
const after = rest?.split(end)[1];
if (before === undefined || after === undefined) throw new Error(`README.md lacks the marks ${begin} and ${end}`);
const wanted = `${before}${begin}\n${table}\n${end}${after}`;
if (!process.argv.includes('--check')) writeFileSync(readme, wanted);
else if (wanted !== text) {
  process.stderr.write('The table of checks in README.md is out of date: run `npx tsx src/leads/print-checks.ts`.\n');
  process.exitCode = 1;
}

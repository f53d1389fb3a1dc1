import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { errorCodes } from '../../src/errors.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const readme = read('README.md');

it('gives every error code a row in the README, and has no row for a code that does not exist', () => {
  const [, section = ''] = readme.split(/^## Errors$/m);
  const [table = ''] = section.split(/^## /m);
  const rows = [...table.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
  expect(new Set(rows)).toEqual(new Set(errorCodes));
});

it('documents every setting that the configuration reads', () => {
  const names = [...read('src/config.ts').matchAll(/^ {2}([A-Z][A-Z_]+): /gm)]
    .map(([, name]) => name)
    .filter((name) => name !== 'NODE_ENV');
  expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

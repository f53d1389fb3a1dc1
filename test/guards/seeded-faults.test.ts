import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { seededFaults } from '../seeded-faults/faults.ts';

const read = (file: string): string => readFileSync(path.join(import.meta.dirname, '../..', file), 'utf8');

it.each(seededFaults)('the seeded fault still fits: $name', ({ file, right, test, says }) => {
  expect(read(file).split(right)).toHaveLength(2);
  // The cases of a table are named by what they stand in.
  const [beginning = ''] = says.split(': ::');
  expect(read(test)).toContain(beginning);
});

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const folder = path.join(import.meta.dirname, '../../src/dashboard');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));

/** What each file imports, types too. */
const imports = new Map(
  files.map((file) => {
    const text = readFileSync(path.join(folder, file), 'utf8');
    const found = [...text.matchAll(/^(?:import|export|\}) [^;]*?from '(\.[^']+)';/gm)];
    return [file, found.map(([, to = '']) => path.join(path.dirname(file), to))] as const;
  }),
);

const known = new Set<string>();

function circleFrom(file: string, way: readonly string[] = []): readonly string[] | null {
  if (way.includes(file)) return [...way, file];
  if (known.has(file)) return null;
  known.add(file);
  for (const next of imports.get(file) ?? []) {
    const circle = circleFrom(next, [...way, file]);
    if (circle) return circle;
  }
  return null;
}

it('imports in no circle', () => {
  expect(circleFrom('main.tsx')).toBeNull();
});

it('reaches every file from the first', () => {
  circleFrom('main.tsx');
  expect(files.filter((file) => !known.has(file))).toEqual(['vite.config.ts']);
});

it('lets only the list of pages import a page: a part knows of none', () => {
  const importers = [...imports].filter(([, found]) => found.some((to) => /^pages\/.*\.tsx$/.test(to))).map(([file]) => file);
  expect(importers).toEqual(['pages.ts']);
});

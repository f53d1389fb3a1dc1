import { readdirSync, readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
const folder = new URL('../../src/dashboard/documents/', import.meta.url);

describe('documents of the dashboard', () => {
  for (const file of readdirSync(folder)) {
    it(`${file}: every operation fits schema.graphql`, async () => {
      const module = (await import(new URL(file, folder).href)) as Record<string, unknown>;
      const texts = Object.values(module).flatMap(textOf);
      expect(texts.length).toBeGreaterThan(0);
      for (const text of texts) expect(validate(schema, parse(text)).map(({ message }) => message)).toEqual([]);
    });
  }
});

function textOf(value: unknown): readonly string[] {
  return typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string' ? [value.text] : [];
}

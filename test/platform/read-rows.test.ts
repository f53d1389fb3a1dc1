import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Database } from '../../src/platform/database.ts';
import { readRows } from '../../src/platform/read-rows.ts';
import { type ChangeLog, createChangeLog } from '../live/change-log.ts';

let log: ChangeLog;
let database: Database;
beforeAll(async () => {
  log = await createChangeLog();
  ({ database } = log);
});
afterAll(() => log.close());

/** A text that no other test has asked with. */
const asked = (() => {
  let count = 0;
  return (text: string): string => `${text} /* ${++count} */`;
})();

const values = fc.record({
  text: fc.option(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'))),
  int: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  bigint: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  numeric: fc.option(fc.tuple(fc.bigInt({ min: -(10n ** 19n), max: 10n ** 19n }), fc.nat(999)).map(([whole, part]) => `${whole}.${part}`)),
  float: fc.option(fc.double({ noNaN: true })),
  boolean: fc.option(fc.boolean()),
  time: fc.option(fc.date({ min: new Date('0001-01-02T00:00:00Z'), max: new Date('9999-12-30T00:00:00Z'), noInvalidDate: true })),
  json: fc.option(fc.json().filter((json) => !/\\u/.test(json))),
  list: fc.option(fc.array(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')))),
});

it('gives what the driver gives, whatever the values are, the first time and every other', async () => {
  const text =
    asked(`SELECT place::int, t AS text, i AS int, b AS bigint, n AS numeric, f AS float, o AS boolean, d AS time, d::date AS day, j AS json, l AS list
    FROM jsonb_to_recordset($1::text::jsonb) AS r(place int, t text, i int, b bigint, n numeric, f float8, o boolean, d timestamptz, j jsonb, l text[])
    ORDER BY place DESC`);
  await fc.assert(
    fc.asyncProperty(fc.array(values, { maxLength: 5 }), async (rows) => {
      const sent = rows.map((row, place) => ({
        place,
        t: row.text,
        i: row.int,
        b: row.bigint?.toString() ?? null,
        n: row.numeric,
        f: row.float,
        o: row.boolean,
        d: row.time?.toISOString() ?? null,
        j: row.json === null ? null : (JSON.parse(row.json) as unknown),
        l: row.list,
      }));
      const parameters = [JSON.stringify(sent)];
      const usual = (await database.readPool.query(text, parameters)).rows;
      expect(usual).toHaveLength(rows.length);
      expect(await readRows(database.readPool, text, parameters)).toEqual(usual);
      expect(await readRows(database.readPool, text, parameters)).toEqual(usual);
    }),
  );
});

it('keeps statements apart that are asked for the first time at the same moment', async () => {
  const texts = Array.from({ length: 4 }, (_, n) => asked(`SELECT ${n} AS n, $1::int AS given`));
  await Promise.all([...texts, ...texts, ...texts].map((text) => readRows(database.readPool, text, [1])));
  const answers = await Promise.all(texts.map((text) => readRows(database.readPool, text, [2])));
  expect(answers).toEqual(texts.map((_, n) => [{ n, given: 2 }]));
});

it('gives no rows where there are none, and keeps the order of many', async () => {
  const text = asked('SELECT n, n % 7 AS rest FROM generate_series(1, $1::int) AS n ORDER BY n % 7, n DESC');
  const ask = (most: number) => readRows(database.readPool, text, [most]);
  expect([await ask(0), await ask(0)]).toEqual([[], []]);
  expect(await ask(3000)).toEqual((await database.readPool.query(text, [3000])).rows);
});

it('row 59: answers after a migration made the table wider', async () => {
  await database.readPool.query('CREATE TABLE widens (n INT)');
  await database.readPool.query('INSERT INTO widens VALUES (1)');
  const text = asked('SELECT * FROM widens WHERE n = $1');
  const ask = () => readRows(database.readPool, text, [1]);
  await Promise.all(Array.from({ length: 12 }, ask));
  await Promise.all(Array.from({ length: 12 }, ask));
  await database.readPool.query('ALTER TABLE widens ADD COLUMN later TEXT');
  expect(await Promise.all(Array.from({ length: 12 }, ask))).toEqual(Array.from({ length: 12 }, () => [{ n: 1 }]));
});

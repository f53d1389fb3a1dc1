import type pg from 'pg';
import type { LeadConditions, Span } from './lead-filter.ts';
import { blockOf, everyLead, leadsPerBlock } from './search-buckets.ts';

/** The leads that may meet all conditions on their words: nobody else does. */
export interface Candidates {
  /** Numbers of which no bits were made yet: any lead in there. Null: there are none. */
  readonly unknown: Span | null;
  /** How many others there are. */
  readonly count: number;
  /** Their numbers, in order. */
  readonly numbers: (descending: boolean) => Generator<number>;
}

interface Found {
  /** How many blocks have their bits. */
  readonly blocks: number;
  readonly stale: readonly number[];
  readonly found: readonly number[] | null;
  readonly bits: Buffer | null;
}

/** Before the bits of a row PostgreSQL sends how many there are. */
const headBytes = 4;
const bytesPerBlock = leadsPerBlock / 8;

/** Looks up the buckets of all conditions, in one statement and so at one moment. Null: no condition has buckets. */
export async function findCandidates(pool: pg.Pool, { accountId, terms }: LeadConditions, { low, high }: Span): Promise<Candidates | null> {
  const wanted = terms.flatMap(({ buckets }) => (buckets === null ? [] : [buckets]));
  if (wanted.length === 0) return null;
  const { rows } = await pool.query<Found>({
    name: 'search-candidates',
    text: `WITH wanted AS (SELECT * FROM unnest($2::int[], $3::int[]) AS w(term, bucket)),
        met AS (SELECT b.block, w.term, bit_or(b.bits) AS bits FROM wanted w JOIN "SearchBlock" b
          ON b."accountId" = $1 AND b.bucket = w.bucket AND b.block BETWEEN $5 AND $6 GROUP BY b.block, w.term),
        found AS (SELECT block, bit_and(bits) AS bits FROM met GROUP BY block
          HAVING count(*) = $4 AND bit_and(bits) <> repeat('0', ${leadsPerBlock})::bit(${leadsPerBlock}))
      SELECT (SELECT coalesce(max(block) + 1, 0) FROM "SearchBlock" WHERE "accountId" = $1 AND bucket = ${everyLead}) AS blocks,
        ARRAY(SELECT number FROM "SearchStale" WHERE "accountId" = $1 AND number BETWEEN $7 AND $8) AS stale,
        array_agg(block ORDER BY block) AS found, string_agg(bit_send(bits), '' ORDER BY block) AS bits FROM found`,
    values: [
      accountId,
      wanted.flatMap((buckets, term) => buckets.map(() => term)),
      wanted.flat(),
      wanted.length,
      blockOf(low),
      blockOf(high),
      low,
      high,
    ],
  });
  const { blocks = 0, stale = [], found = null, bits = null } = rows[0] ?? {};
  const known = Math.min(high, blocks * leadsPerBlock - 1);
  const byBlock = new Map<number, Buffer>();
  (found ?? []).forEach((block, i) => {
    const from = (headBytes + bytesPerBlock) * i + headBytes;
    if (bits) byBlock.set(block, bits.subarray(from, from + bytesPerBlock));
  });
  for (const number of stale) {
    const block = byBlock.get(blockOf(number)) ?? Buffer.alloc(bytesPerBlock);
    byBlock.set(blockOf(number), block);
    setBit(block, number % leadsPerBlock, true);
  }
  const order = [...byBlock.keys()].toSorted((a, b) => a - b);
  return {
    unknown: known < high ? { low: Math.max(low, known + 1), high } : null,
    count: order.reduce((sum, block) => sum + countOnes(byBlock.get(block)), 0),
    *numbers(descending) {
      for (const block of descending ? order.toReversed() : order)
        for (const place of placesIn(byBlock.get(block), descending)) {
          const number = block * leadsPerBlock + place;
          if (number >= low && number <= known) yield number;
        }
    },
  };
}

/** The leftmost bit of a byte comes first, as PostgreSQL has it. */
export function setBit(bits: Buffer, place: number, value: boolean): void {
  const mask = 0x80 >> (place & 7);
  const byte = bits[place >> 3] ?? 0;
  bits[place >> 3] = value ? byte | mask : byte & ~mask;
}

function countOnes(bits: Buffer = Buffer.alloc(0)): number {
  let count = 0;
  for (let i = 0; i < bits.length; i += 4) {
    // Pairs of bits, then fours, then bytes, each with its count.
    let word = bits.readUInt32BE(i);
    if (word === 0) continue;
    word -= (word >>> 1) & 0x55555555;
    word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
    count += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
}

function* placesIn(bits: Buffer = Buffer.alloc(0), descending: boolean): Generator<number> {
  for (let i = 0; i < bits.length; i += 4) {
    const at = descending ? bits.length - 4 - i : i;
    const word = bits.readUInt32BE(at);
    if (word === 0) continue;
    for (let j = 0; j < 32; j++) {
      const place = descending ? 31 - j : j;
      if ((word << place) & 0x80000000) yield at * 8 + place;
    }
  }
}

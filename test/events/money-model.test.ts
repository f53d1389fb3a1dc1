import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Prisma } from '../../prisma/generated/client/client.ts';
import { rootViewer } from '../../src/auth/viewer.ts';
import type { Context } from '../../src/context.ts';
import { DomainError } from '../../src/errors.ts';
import { fireEvent } from '../../src/events/fire-event.ts';
import { createWriter } from '../../src/writes/writer.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { mutate, newLead } from './store.ts';

const leadCount = 2;
const lockMs = 2000;
/** Amounts as whole numbers of the smallest unit that is kept. */
const unit = 10n ** 18n;

const events = {
  sale: { isConversion: true, allowRepeats: false, payout: { percent: '12.5' } },
  upsell: { isConversion: true, allowRepeats: true, payout: { fixed: '3.33' } },
  view: { isConversion: false, allowRepeats: true, payout: null },
  note: { isConversion: false, allowRepeats: false, payout: null },
};
type EventId = keyof typeof events;

const amounts = fc
  .tuple(fc.bigInt({ min: 0n, max: 9_999_999_999_999n }), fc.bigInt({ min: 0n, max: unit - 1n }))
  .map(([whole, part]) => whole * unit + part);
const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: null });

const steps = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('fire' as const),
      /** How often the same request comes at the same moment. */
      copies: fc.constantFrom(1, 1, 3),
      lead: fc.nat({ max: leadCount - 1 }),
      eventId: fc.constantFrom<EventId | 'unknown'>('sale', 'upsell', 'view', 'note', 'unknown'),
      pid: fc.constantFrom(null, null, 'nobody'),
      revenue: maybe(fc.oneof({ weight: 5, arbitrary: amounts }, { weight: 1, arbitrary: fc.constant(-unit) })),
      cost: maybe(amounts),
      costOperation: fc.constantFrom(null, 'ADD' as const, 'SUBTRACT' as const, 'OVERRIDE' as const),
      adSpend: maybe(amounts),
      firstName: maybe(fc.constantFrom('Jo', 'Kim')),
    }),
  },
  // The firing before this one once more, after a while: the edges of the lock.
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('again' as const), ms: fc.constantFrom(0, 1, 1999, 2000, 2001, -1999, -2000) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('jump' as const),
      ms: fc.constantFrom(1, 500, 1999, 2000, 3000, 86_400_000, -700, -3_600_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('update' as const),
      lead: fc.nat({ max: leadCount - 1 }),
      company: fc.constantFrom('Acme', 'Umbrella'),
    }),
  },
);
type Step = typeof steps extends fc.Arbitrary<infer Value> ? Value : never;
type Fire = Extract<Step, { kind: 'fire' }>;

interface Sums {
  revenue: bigint;
  cost: bigint;
  adSpend: bigint;
  payout: bigint;
  events: number;
}

/** What the rules say, in a few lines and without a database. */
class Model {
  now = Date.UTC(2026, 0, 1);
  readonly sums: Sums[] = Array.from({ length: leadCount }, () => ({ revenue: 0n, cost: 0n, adSpend: 0n, payout: 0n, events: 0 }));
  readonly #fired = new Map<string, number>();

  fire({ lead, eventId, pid, revenue, cost, costOperation, adSpend }: Fire): string {
    if (eventId === 'unknown') return 'UNKNOWN_EVENT';
    if (pid !== null) return 'SOURCE_INACTIVE';
    const { isConversion, allowRepeats } = events[eventId];
    if (isConversion && revenue === null) return 'REVENUE_REQUIRED';
    if (revenue !== null && revenue < 0n) return 'VALIDATION_FAILED';
    const firedAt = this.#fired.get(`${lead} ${eventId}`);
    if (firedAt !== undefined && Math.abs(this.now - firedAt) < lockMs) return 'EVENT_IN_PROGRESS';
    if (firedAt !== undefined && !allowRepeats) return 'DUPLICATE_EVENT';
    this.#fired.set(`${lead} ${eventId}`, this.now);
    const sums = this.sums[lead];
    if (!sums) throw new Error('no such lead');
    sums.events += 1;
    if (isConversion && revenue !== null) {
      sums.revenue += revenue;
      // 12.5 % with half of the smallest unit going up.
      sums.payout += eventId === 'sale' ? (revenue * 125n * 2n + 1000n) / 2000n : (333n * unit) / 100n;
    }
    if (cost !== null) sums.cost = costOperation === 'OVERRIDE' ? cost : costOperation === 'SUBTRACT' ? sums.cost - cost : sums.cost + cost;
    if (adSpend !== null) sums.adSpend += adSpend;
    return 'FIRED';
  }
}

const toDecimal = (amount: bigint | null): Prisma.Decimal | null => {
  if (amount === null) return null;
  const digits = String(amount < 0n ? -amount : amount).padStart(19, '0');
  return new Prisma.Decimal(`${amount < 0n ? '-' : ''}${digits.slice(0, -18)}.${digits.slice(-18)}`);
};
const toUnits = (text: string): bigint => {
  const [whole = '', part = ''] = text.replace('-', '').split('.');
  return BigInt(whole + part.padEnd(18, '0')) * (text.startsWith('-') ? -1n : 1n);
};

let app: TestApp;
let clock = 0;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.end());

async function newAccount(): Promise<{ readonly ctx: Context; readonly token: string; readonly leadIds: readonly string[] }> {
  const made = await mutate(app, 'createAccount', { name: crypto.randomUUID() }, 'token account { id }');
  const key = { 'x-api-key': made.token };
  const settings = Object.entries(events).map(([eventId, event]) => ({ eventId, ...event }));
  for (const event of settings) await mutate(app, 'createEventType', event, 'eventType { id }', key);
  const leadIds: string[] = [];
  for (let i = 0; i < leadCount; i++) leadIds.push((await newLead(app, {}, key)).uuid);
  const { services } = app;
  return {
    token: made.token,
    leadIds,
    ctx: {
      ...services,
      writer: createWriter(services.database, services.log, { now: () => new Date(clock) }),
      db: services.database.prisma,
      viewer: rootViewer(made.account.id.slice('acc_'.length)),
      request: { requestId: 'r', dialect: 'test', body: null, ipAddress: null, userAgent: null, startedAtMs: 0 },
      notes: { replayed: false },
      carrier: null,
    },
  };
}

async function ask(ctx: Context, transactionId: string, step: Fire): Promise<string> {
  const { eventId, pid, costOperation, firstName } = step;
  const [revenue, cost, adSpend] = [toDecimal(step.revenue), toDecimal(step.cost), toDecimal(step.adSpend)];
  try {
    await fireEvent(ctx, { transactionId, eventId, pid, revenue, cost, costOperation, adSpend, leadFields: { firstName } });
    return 'FIRED';
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}

const toSums = (revenue = '', cost = '', adSpend = '', payout = '', count = ''): Sums => ({
  revenue: toUnits(revenue),
  cost: toUnits(cost),
  adSpend: toUnits(adSpend),
  payout: toUnits(payout),
  events: Number(count),
});

/** What the rows of each lead add up to, and what the lead says. */
async function readSums(leadIds: readonly string[]): Promise<{ readonly said: Sums[]; readonly rows: Sums[] }> {
  const { rows } = await app.services.database.readPool.query<Record<string, string>>(
    `SELECT l.revenue::text, l.cost::text, l."adSpend"::text, l.payout::text, coalesce(f.count, 0)::text AS fired, e.*, b.*
      FROM unnest($1::uuid[]) WITH ORDINALITY AS k(id, place) JOIN "Lead" l USING (id)
      LEFT JOIN LATERAL (SELECT sum(count) AS count FROM "EventFiring" WHERE "leadId" = l.id) f ON true
      CROSS JOIN LATERAL (SELECT count(*)::text AS events, coalesce(sum(revenue) FILTER (WHERE "isConversion"), 0)::text AS "rowRevenue"
        FROM "LeadEvent" WHERE "leadId" = l.id) e
      CROSS JOIN LATERAL (SELECT coalesce(sum(amount) FILTER (WHERE kind = 'COST'), 0)::text AS "rowCost",
        coalesce(sum(amount) FILTER (WHERE kind = 'AD_SPEND'), 0)::text AS "rowAdSpend",
        coalesce(sum(amount) FILTER (WHERE kind = 'PAYOUT'), 0)::text AS "rowPayout" FROM "LedgerEntry" WHERE "leadId" = l.id) b
      ORDER BY k.place`,
    [leadIds],
  );
  return {
    said: rows.map((row) => toSums(row['revenue'], row['cost'], row['adSpend'], row['payout'], row['fired'])),
    rows: rows.map((row) => toSums(row['rowRevenue'], row['rowCost'], row['rowAdSpend'], row['rowPayout'], row['events'])),
  };
}

it('ends with the counts and sums of a small model, whatever the order of firings, repeats, clock jumps and updates', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 24 }), async (list) => {
      const { ctx, token, leadIds } = await newAccount();
      const model = new Model();
      let last: Fire | null = null;
      for (const step of list) {
        if (step.kind === 'jump' || step.kind === 'again') model.now += step.ms;
        clock = model.now;
        if (step.kind === 'update') await newLead(app, { leadId: leadIds[step.lead], company: step.company }, { 'x-api-key': token });
        const fire: Fire | null = step.kind === 'fire' ? step : step.kind === 'again' ? last : null;
        if (fire === null) continue;
        last = fire;
        const expected = Array.from({ length: fire.copies }, () => model.fire(fire));
        const answers = await Promise.all(expected.map(() => ask(ctx, leadIds[fire.lead] ?? '', fire)));
        expect(answers.toSorted()).toEqual(expected.toSorted());
      }
      const { said, rows } = await readSums(leadIds);
      expect(said).toEqual(model.sums);
      expect(rows).toEqual(model.sums);
      const { data } = await app.graphql('{ changes(first: 100) { nodes { seq type } } }', undefined, { 'x-api-key': token });
      const seqs = data.changes.nodes.map((change: { readonly seq: number }) => change.seq);
      expect(seqs).toEqual(seqs.map((_: number, i: number) => i + 1));
      const fired = data.changes.nodes.filter((change: { readonly type: string }) => change.type.startsWith('event.'));
      expect(fired).toHaveLength(model.sums.reduce((sum, { events: count }) => sum + count, 0));
      await ctx.writer.close();
    }),
    { numRuns: 40 },
  );
}, 120_000);

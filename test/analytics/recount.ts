import type { PrismaClient, Lead, LeadEvent, StageChange } from '../../prisma/generated/client/client.ts';

/** The numbers of an account counted from its tables in the plainest way, to hold the kept ones against. */

interface Contribution {
  readonly lead: Lead;
  readonly kind: 'L' | 'E' | 'T' | 'X';
  readonly item: string;
  readonly step: number;
  readonly at: Date;
  readonly sums: Readonly<Record<string, number>>;
}

/** Cells by their key, with the measures that are not zero. */
export type Cells = Record<string, Readonly<Record<string, number>>>;

const quarterMs = 15 * 60_000;
const hourMs = 3600_000;
const dayMs = 24 * 3600_000;

const floor = (at: Date, ms: number): string => new Date(Math.floor(at.getTime() / ms) * ms).toISOString();
const dimensionsOf = (lead: Lead) => ({
  source: lead.sourceName ?? '',
  campaign: lead.campaignName ?? '',
  domain: lead.domain ?? '',
  device: lead.deviceType ?? '',
});

/** Rows of some leads, with what belongs to them. */
export interface LeadRows {
  readonly leads: readonly Lead[];
  readonly events: readonly LeadEvent[];
  readonly steps: readonly StageChange[];
}

export async function readLeadRows(db: Pick<PrismaClient, 'lead' | 'leadEvent' | 'stageChange'>, where: object): Promise<LeadRows> {
  const leads = await db.lead.findMany({ where });
  const leadId = { in: leads.map(({ id }) => id) };
  const events = await db.leadEvent.findMany({ where: { leadId } });
  const steps = await db.stageChange.findMany({ where: { leadId }, orderBy: [{ recordedAt: 'asc' }, { id: 'asc' }] });
  return { leads, events, steps };
}

/** `erased`: the rows of erased leads as they were last seen. They go on counting. */
export async function recount(
  db: PrismaClient,
  accountId: string,
  erased: readonly LeadRows[] = [],
): Promise<{ readonly tuples: Cells; readonly cells: Cells }> {
  const stored = await readLeadRows(db, { accountId });
  const all = [stored, ...erased];
  const leads = all.flatMap((rows) => rows.leads);
  const events = all.flatMap((rows) => rows.events);
  const steps = all.flatMap((rows) => rows.steps);
  const types = new Map((await db.eventType.findMany({ where: { accountId } })).map((type) => [type.id, type.eventId]));
  const [eventsOf, stepsOf] = [byLead(events), byLead(steps)];
  const contributions = leads.flatMap((lead) => [
    ofLead(lead),
    ...(eventsOf.get(lead.id) ?? []).map((event) => ofEvent(lead, event, types.get(event.eventTypeId) ?? '?')),
    ...ofSteps(lead, stepsOf.get(lead.id) ?? []),
  ]);
  for (const lead of erased.flatMap((rows) => rows.leads))
    contributions.push({ lead, kind: 'X', item: lead.stage, step: 0, at: lead.createdAt, sums: { leads: 1 } });
  const tuples: Cells = {};
  const cells: Cells = {};
  for (const one of contributions) {
    const { kind, item, step, at, sums } = one;
    const { source, campaign, domain, device } = dimensionsOf(one.lead);
    for (const quarter of [floor(at, quarterMs), 'ever'])
      add(tuples, [source, campaign, domain, kind === 'T' ? '' : device, kind, item, step, quarter], sums);
    if (kind === 'X') {
      add(cells, ['-X', 0, '', 'ever', item, step], sums);
      continue;
    }
    for (const [by, key] of [
      ['-', ''],
      ['s', source],
      ['c', campaign],
      ['d', domain],
    ] as const) {
      const breakdowns =
        kind === 'T'
          ? [['T', item]]
          : [
              ['-', ''],
              ['S', source],
              ['C', campaign],
              ['V', device],
              [kind, item],
            ];
      for (const [what = '', shown = ''] of breakdowns) {
        if (by === what.toLowerCase() && by !== '-') continue;
        add(cells, [`${by}${what}`, 0, key, 'ever', shown, step], sums);
        add(cells, [`${by}${what}`, 1, key, floor(at, dayMs), shown, step], sums);
        if (what !== 'T' && (by === '-' || what === '-')) add(cells, [`${by}${what}`, 2, key, floor(at, hourMs), shown, step], sums);
      }
    }
  }
  return { tuples: withoutZeros(tuples), cells: withoutZeros(cells) };
}

function byLead<Row extends { readonly leadId: string }>(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const grouped = new Map<string, Row[]>();
  for (const row of rows) grouped.set(row.leadId, [...(grouped.get(row.leadId) ?? []), row]);
  return grouped;
}

function ofLead(lead: Lead): Contribution {
  const form = lead.formPercent === null ? {} : { formLeads: 1, formPercents: lead.formPercent };
  return {
    lead,
    kind: 'L',
    item: lead.stage,
    step: 0,
    at: lead.createdAt,
    sums: { leads: 1, ...form, cost: Number(lead.cost), adSpend: Number(lead.adSpend) },
  };
}

function ofEvent(lead: Lead, event: LeadEvent, eventId: string): Contribution {
  const conversion = event.isConversion ? { conversions: 1, revenue: Number(event.revenue ?? 0) } : {};
  const sums = { events: 1, payout: Number(event.payout ?? 0), ...conversion };
  return { lead, kind: 'E', item: eventId, step: 0, at: event.occurredAt, sums };
}

function ofSteps(lead: Lead, steps: readonly StageChange[]): Contribution[] {
  return steps.slice(1).flatMap((step, i): Contribution[] => {
    const before = steps[i];
    if (step.forced || step.fromStage === null || !before) return [];
    const staySeconds = Math.max(0, (step.occurredAt.getTime() - before.occurredAt.getTime()) / 1000);
    const length = staySeconds < 1 ? 0 : 1 + Math.floor(Math.log2(staySeconds) * 4);
    return [{ lead, kind: 'T', item: step.fromStage, step: length, at: lead.createdAt, sums: { stays: 1, staySeconds } }];
  });
}

function add(cells: Cells, key: readonly unknown[], sums: Readonly<Record<string, number>>): void {
  const name = key.join(' | ');
  const next = { ...cells[name] };
  for (const [measure, value] of Object.entries(sums)) next[measure] = rounded((next[measure] ?? 0) + value);
  cells[name] = next;
}

const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;

function withoutZeros(cells: Cells): Cells {
  const kept = Object.entries(cells).map(
    ([key, sums]) => [key, Object.fromEntries(Object.entries(sums).filter(([, value]) => value !== 0))] as const,
  );
  return Object.fromEntries(kept.filter(([, sums]) => Object.keys(sums).length > 0));
}

const measures = [
  'leads',
  'formLeads',
  'formPercents',
  'cost',
  'adSpend',
  'events',
  'conversions',
  'revenue',
  'payout',
  'stays',
  'staySeconds',
] as const;

type TupleRow = Parameters<typeof toSums>[0] &
  Readonly<Record<'source' | 'campaign' | 'domain' | 'device' | 'kind' | 'item' | 'step' | 'name', string>>;

/** The kept numbers in the same shape; a row in which nothing is left would show as an empty cell. */
export async function readKept(db: PrismaClient, accountId: string): Promise<{ readonly tuples: Cells; readonly cells: Cells }> {
  const { id: rollupId } = await db.rollup.findFirstOrThrow({ where: { accountId, isServed: true } });
  const tuples: Cells = {};
  const finest = await db.$queryRaw<TupleRow[]>`
    SELECT *, CASE WHEN quarter = '-infinity' THEN 'ever' ELSE to_char(quarter, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END AS name FROM (
      SELECT source, campaign, domain, device, kind, item, step, leads, "formLeads", "formPercents", cost, "adSpend", events, conversions, revenue, payout, stays,
        "staySeconds", quarter FROM "RollupTuple" WHERE "rollupId" = ${rollupId}) t`;
  for (const row of finest) {
    const { source, campaign, domain, device, kind, item, step, name } = row;
    tuples[[source, campaign, domain, device, kind, item, step, name].join(' | ')] = toSums(row);
  }
  const cells: Cells = {};
  const rows = await db.$queryRaw<
    (Parameters<typeof toSums>[0] & { slice: string; span: number; key: string; at: string; item: string; step: number })[]
  >`
    SELECT *, CASE WHEN span = 0 THEN 'ever' ELSE to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END AS at FROM (
      SELECT slice, span, key, at AS moment, item, step, leads, "formLeads", "formPercents", cost, "adSpend", events, conversions, revenue, payout, stays, "staySeconds",
        CASE WHEN span = 0 THEN now() ELSE at END AS at FROM "RollupCell" WHERE "rollupId" = ${rollupId}) c`;
  for (const row of rows) cells[[row.slice, row.span, row.key, row.at, row.item, row.step].join(' | ')] = toSums(row);
  return { tuples, cells };
}

function toSums(row: Readonly<Record<(typeof measures)[number], unknown>>): Readonly<Record<string, number>> {
  return Object.fromEntries(measures.map((name) => [name, rounded(Number(row[name]))] as const).filter(([, value]) => value !== 0));
}

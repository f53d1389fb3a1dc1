import { parse } from 'graphql';
import { z } from 'zod';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { analytics } from './answers.ts';

/** The engine's counters that leads and events can answer. Engagement needs visitor tracking: `by-engagement` is left out. */

interface Breakdown {
  readonly key: string | null;
  readonly leads: number;
  readonly conversions: number;
  readonly conversionRate: number;
  readonly revenue: string;
}

interface OverviewData {
  readonly analytics: {
    readonly overview: {
      readonly totalLeads: number;
      readonly newToday: number;
      readonly newLast7Days: number;
      readonly conversions: number;
      readonly conversionRate: number;
      readonly revenue: string;
      readonly cost: string;
      readonly payout: string;
      readonly profit: string;
      readonly averageFormCompletion: number | null;
    };
  };
}

const money = z.string().describe('An exact decimal number.');

const engineOverview = endpoint<undefined, undefined, OverviewData>({
  method: 'GET',
  path: '/analytics/engine/overview',
  dialect: analytics,
  operation: parse(
    /* GraphQL */ `
      query EngineOverview {
        analytics {
          overview {
            totalLeads
            newToday
            newLast7Days
            conversions
            conversionRate
            revenue
            cost
            payout
            profit
            averageFormCompletion
          }
        }
      }
    `,
    { noLocation: true },
  ),
  toVariables: () => ({}),
  toAnswer: ({ analytics: { overview } }) => ({
    status: 200,
    body: {
      total_leads: overview.totalLeads,
      new_today: overview.newToday,
      new_last_7_days: overview.newLast7Days,
      conversions: overview.conversions,
      conversion_rate: overview.conversionRate,
      revenue: overview.revenue,
      cost: overview.cost,
      payout: overview.payout,
      profit: overview.profit,
      avg_form_completion: overview.averageFormCompletion,
    },
  }),
  docs: {
    summary: 'Lead engine: overview',
    description: 'Leads, conversions and money in all. Days are those of UTC.',
    examples: [{ title: 'All of it', curl: 'curl -H "X-API-Key: $API_KEY" http://localhost:3000/analytics/engine/overview' }],
    answers: [
      {
        status: 200,
        description: 'The numbers.',
        schema: z.object({
          total_leads: z.int(),
          new_today: z.int(),
          new_last_7_days: z.int(),
          conversions: z.int(),
          conversion_rate: z.number().describe('`conversions` in percent of all leads.'),
          revenue: money,
          cost: money,
          payout: money,
          profit: money,
          avg_form_completion: z.number().nullable(),
        }),
      },
    ],
    refusals: {},
  },
});

const mostDays = 90;
const dayMs = 24 * 3600 * 1000;
const toDay = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

const query = z.object({
  days: z
    .string('must come once')
    .refine(
      (value) => value === '' || (/^\d{1,2}$/.test(value) && Number(value) >= 1 && Number(value) <= mostDays),
      `must be a whole number from 1 to ${mostDays}`,
    )
    .transform((value) => (value === '' ? 30 : Number(value)))
    .default(30)
    .describe(`How many days up to today, at most ${mostDays}.`),
});

interface DailyData {
  readonly analytics: { readonly newLeads: readonly { readonly date: string; readonly count: number }[] };
}

const submissionsDaily = endpoint<undefined, z.output<typeof query>, DailyData>({
  method: 'GET',
  path: '/analytics/engine/submissions-daily',
  dialect: analytics,
  query,
  operation: parse(
    /* GraphQL */ `
      query SubmissionsDaily($range: DateRange!) {
        analytics(range: $range) {
          newLeads {
            date
            count
          }
        }
      }
    `,
    { noLocation: true },
  ),
  toVariables({ query: { days } }) {
    const now = Date.now();
    return { range: { from: toDay(now - (days - 1) * dayMs), to: toDay(now) } };
  },
  toAnswer: ({ analytics: { newLeads } }) => ({ status: 200, body: { rows: newLeads.map(({ date, count }) => ({ date, leads: count })) } }),
  docs: {
    summary: 'Lead engine: submissions by day',
    description: 'People who submitted for the first time, that is, leads created, on each day (UTC), zeros included, oldest day first.',
    examples: [
      { title: 'Last week', curl: 'curl -H "X-API-Key: $API_KEY" "http://localhost:3000/analytics/engine/submissions-daily?days=7"' },
    ],
    answers: [
      {
        status: 200,
        description: 'A row for each day.',
        schema: z.object({ rows: z.array(z.object({ date: z.iso.date(), leads: z.int() })) }),
      },
    ],
    refusals: { 400: 'days is no number from 1 to 90.' },
  },
});

function breakdown(path: string, field: 'byCampaign' | 'bySource', column: 'project' | 'source'): Endpoint {
  return endpoint<undefined, undefined, { readonly analytics: Readonly<Record<string, readonly Breakdown[]>> }>({
    method: 'GET',
    path,
    dialect: analytics,
    operation: parse(
      `query ${field === 'bySource' ? 'EngineBySource' : 'EngineByProject'} { analytics { ${field} { key leads conversions conversionRate revenue } } }`,
      { noLocation: true },
    ),
    toVariables: () => ({}),
    toAnswer: ({ analytics: { [field]: rows = [] } }) => ({
      status: 200,
      body: {
        rows: rows.map(({ key, leads, conversions, conversionRate, revenue }) => ({
          [column]: key,
          leads,
          conversions,
          conversion_rate: conversionRate,
          revenue,
        })),
      },
    }),
    docs: {
      summary: `Lead engine: by ${column}`,
      description: `Leads and what they brought by ${column === 'project' ? 'project, which the rest of this server calls campaign' : 'source'}; most leads first.`,
      examples: [{ title: 'All', curl: `curl -H "X-API-Key: $API_KEY" http://localhost:3000${path}` }],
      answers: [
        {
          status: 200,
          description: 'A row for each value; null: leads without one.',
          schema: z.object({
            rows: z.array(
              z.object({
                [column]: z.string().nullable(),
                leads: z.int(),
                conversions: z.int(),
                conversion_rate: z.number(),
                revenue: money,
              }),
            ),
          }),
        },
      ],
      refusals: {},
    },
  });
}

export const engineCounters: readonly Endpoint[] = [
  engineOverview,
  submissionsDaily,
  breakdown('/analytics/engine/by-project', 'byCampaign', 'project'),
  breakdown('/analytics/engine/by-source', 'bySource', 'source'),
];

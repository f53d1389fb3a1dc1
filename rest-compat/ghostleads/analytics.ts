import { parse } from 'graphql';
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { ghostleads } from './answers.ts';

interface Data {
  readonly pipelineReport: {
    readonly overview: {
      readonly totalLeads: number;
      readonly newToday: number;
      readonly newLast7Days: number;
      readonly paid: number;
      readonly conversionRate: number;
      readonly averageFormCompletion: number | null;
    };
    readonly funnel: readonly z.output<typeof funnelStep>[];
    readonly topSources: readonly z.output<typeof topSource>[];
    readonly newLeads30d: readonly z.output<typeof dayCount>[];
  };
}

const funnelStep = z.object({
  stage: z.string(),
  count: z.int().describe('Leads in this stage now.'),
  reached: z.int().describe('Leads in this stage or a later one now.'),
  percent: z.number().describe('`reached` in percent of all leads.'),
});
const topSource = z.object({ source: z.string().nullable(), count: z.int(), paid: z.int() });
const dayCount = z.object({ date: z.iso.date(), count: z.int() });

const report = z.object({
  overview: z.object({
    total_leads: z.int(),
    new_today: z.int(),
    new_last_7_days: z.int(),
    paid: z.int(),
    conversion_rate: z.number().describe('Percent of all leads that paid.'),
    avg_form_completion: z.number().nullable(),
  }),
  funnel: z.array(funnelStep).describe('Every stage, in order.'),
  top_sources: z.array(topSource),
  new_leads_30d: z.array(dayCount).describe('Every one of the last 30 days (UTC), zeros included.'),
});

export const analytics = endpoint<undefined, undefined, Data>({
  method: 'GET',
  path: '/api/analytics',
  dialect: ghostleads,
  operation: parse(
    /* GraphQL */ `
      query Analytics {
        pipelineReport {
          overview {
            totalLeads
            newToday
            newLast7Days
            paid
            conversionRate
            averageFormCompletion
          }
          funnel {
            stage
            count
            reached
            percent
          }
          topSources {
            source
            count
            paid
          }
          newLeads30d {
            date
            count
          }
        }
      }
    `,
    { noLocation: true },
  ),
  toVariables: () => ({}),
  toAnswer: ({ pipelineReport: { overview, funnel, topSources, newLeads30d } }) => ({
    status: 200,
    body: {
      overview: {
        total_leads: overview.totalLeads,
        new_today: overview.newToday,
        new_last_7_days: overview.newLast7Days,
        paid: overview.paid,
        conversion_rate: overview.conversionRate,
        avg_form_completion: overview.averageFormCompletion,
      },
      funnel,
      top_sources: topSources,
      new_leads_30d: newLeads30d,
    },
  }),
  docs: {
    summary: 'Dashboard analytics',
    description: 'The numbers behind Overview, Pipeline Funnel, Top Sources and New Leads (Last 30 Days).',
    examples: [{ title: 'All of it', curl: 'curl http://localhost:3000/api/analytics' }],
    answers: [{ status: 200, description: 'The numbers.', schema: report }],
    refusals: {},
  },
});

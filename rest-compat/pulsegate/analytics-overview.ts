import { parse } from 'graphql';
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { analytics } from './answers.ts';

interface Data {
  readonly viewer: { readonly scopes: readonly string[] };
  readonly analytics: {
    readonly overview: { readonly totalLeads: number; readonly conversions: number };
    readonly events: readonly { readonly count: number }[];
  };
}

export const analyticsOverview = endpoint<undefined, undefined, Data>({
  method: 'GET',
  path: '/analytics/overview',
  dialect: analytics,
  operation: parse(
    /* GraphQL */ `
      query AnalyticsOverview {
        viewer {
          scopes
        }
        analytics {
          overview {
            totalLeads
            conversions
          }
          events {
            count
          }
        }
      }
    `,
    { noLocation: true },
  ),
  toVariables: () => ({}),
  toAnswer: ({ viewer: { scopes }, analytics: { overview, events } }) => ({
    status: 200,
    body: {
      total_leads: overview.totalLeads,
      total_events: events.reduce((sum, { count }) => sum + count, 0),
      total_conversions: overview.conversions,
      role: toRole(scopes),
    },
  }),
  docs: {
    summary: 'Overview',
    description:
      'What there is in all, and the role of the key. Sessions, visitors, fingerprints, engagement and VPN counts need visitor tracking, which this server does not do: they are left out.',
    examples: [{ title: 'All of it', curl: 'curl -H "X-API-Key: $API_KEY" http://localhost:3000/analytics/overview' }],
    answers: [
      {
        status: 200,
        description: 'The numbers.',
        schema: z.object({
          total_leads: z.int(),
          total_events: z.int().describe('Events fired at leads.'),
          total_conversions: z.int().describe('Those of them that were conversions.'),
          role: z.string().describe('`admin`, or the scope of the key in small letters.'),
        }),
      },
    ],
    refusals: {},
  },
});

/** The strongest scope of the key. */
const toRole = (scopes: readonly string[]): string =>
  (['ADMIN', 'EDITOR', 'VIEWER'].find((scope) => scopes.includes(scope)) ?? scopes[0] ?? '').toLowerCase();

import { parse } from 'graphql';
import { z } from 'zod';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { analytics } from './answers.ts';

interface Data {
  readonly analytics: {
    readonly bySource: readonly { readonly key: string | null }[];
    readonly byCampaign: readonly { readonly key: string | null }[];
  };
}

const operation = parse(
  /* GraphQL */ `
    query LeadValues {
      analytics {
        bySource {
          key
        }
        byCampaign {
          key
        }
      }
    }
  `,
  { noLocation: true },
);

/** The values that leads have, for a filter menu. A project is what the rest of this server calls a campaign. */
function leadValues(path: string, name: 'projects' | 'sources'): Endpoint {
  return endpoint<undefined, undefined, Data>({
    method: 'GET',
    path,
    dialect: analytics,
    operation,
    toVariables: () => ({}),
    toAnswer({ analytics: { bySource, byCampaign } }) {
      const rows = name === 'sources' ? bySource : byCampaign;
      const values = rows.flatMap(({ key }) => (key === null ? [] : [key]));
      return { status: 200, body: { [name]: values.sort((a, b) => a.localeCompare(b, 'en')) } };
    },
    docs: {
      summary: name === 'sources' ? 'Sources' : 'Projects',
      description: `The distinct ${name === 'sources' ? 'sources' : 'campaigns'} of leads, for filter menus: what \`${name === 'sources' ? 'source' : 'campaign'}\` takes in the list of leads. At most 500, those with most leads.`,
      examples: [{ title: 'All', curl: `curl -H "X-API-Key: $API_KEY" http://localhost:3000${path}` }],
      answers: [{ status: 200, description: 'In alphabetical order.', schema: z.object({ [name]: z.array(z.string()) }) }],
      refusals: {},
    },
  });
}

export const leadProjects = leadValues('/analytics/leads/projects', 'projects');
export const leadSources = leadValues('/analytics/leads/sources', 'sources');
export const engineProjects = leadValues('/analytics/engine/projects', 'projects');
export const engineSources = leadValues('/analytics/engine/sources', 'sources');

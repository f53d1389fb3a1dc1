import { parse } from 'graphql';
import { z } from 'zod';
import type { Dialect } from './dialect.ts';
import { type Endpoint, endpoint, type EndpointDocs } from './endpoint.ts';
import { type LeadData, leadFragment, leadSchema, toLeadJson } from './lead-json.ts';
import { isRealDay } from './real-day.ts';

// NUL has no place in PostgreSQL text; nothing stored can match it.
const wordOf = (most: number) =>
  z
    .string()
    .max(most, `must have at most ${most} characters`)
    .refine((value) => !value.includes('\0'), 'must not contain NUL');
const word = wordOf(4096);
/** One value, or several that are all wanted. */
const words = z.union([word.transform((value) => [value]), z.array(word)]).transform((values) => values.filter((value) => value !== ''));

const day = z
  .string('must come once')
  .refine((value) => value === '' || (/^\d{4}-\d{2}-\d{2}$/.test(value) && isRealDay(value)), 'must be an existing day written YYYY-MM-DD')
  .meta({ format: 'date' });

/** What the graph searches for at most. */
const longestSearch = 200;
const maxLimit = 200;
/** What a connection of the graph gives at most. */
const maxKeysetLimit = 100;
const maxPage = 1_000_000;

const count = (max: number, fallback: number) =>
  z
    .string('must come once')
    .refine(
      (value) => value === '' || (/^\d{1,9}$/.test(value) && Number(value) >= 1 && Number(value) <= max),
      `must be a whole number from 1 to ${max}`,
    )
    .transform((value) => (value === '' ? fallback : Number(value)))
    .default(fallback);

const query = z
  .object({
    stage: words.optional().describe('Leads in this stage.'),
    search: wordOf(longestSearch).optional().describe('Words of name, email, phone or company.'),
    source: words.optional().describe('Leads of this source.'),
    campaign: words.optional().describe('Leads of this campaign.'),
    from: day.optional().describe('First day of creation (UTC).'),
    to: day.optional().describe('Last day of creation (UTC), that day included.'),
    page: count(maxPage, 1).describe('Page, counted from 1.'),
    limit: count(maxLimit, 50).describe(`Leads per page, at most ${maxLimit}; at most ${maxKeysetLimit} with \`after\`.`),
    after: wordOf(500)
      .optional()
      .describe(
        'Reads on from a position instead of counting pages: empty for the start, then the `next` of the answer before. Pages stay right while leads arrive.',
      ),
  })
  .refine(({ after, limit }) => after === undefined || limit <= maxKeysetLimit, {
    path: ['limit'],
    message: `must be at most ${maxKeysetLimit} with \`after\``,
  });

interface Data {
  readonly leadPage?: {
    readonly nodes: readonly LeadData[];
    readonly total: number;
    readonly page: number;
    readonly limit: number;
    readonly pages: number;
  };
  readonly leads?: {
    readonly nodes: readonly LeadData[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

const leads = z.array(leadSchema).describe('Newest first.');

/** A documented list of leads: by page number as documented, and by position for whoever reads on while leads arrive. */
export const leadList = (path: string, dialect: Dialect, docs: Pick<EndpointDocs, 'summary' | 'description'>): Endpoint =>
  endpoint<undefined, z.output<typeof query>, Data>({
    method: 'GET',
    path,
    dialect,
    query,
    operation: parse(
      /* GraphQL */ `
      query Leads($byPage: Boolean!, $page: Int!, $limit: Int!, $first: Int!, $after: String, $filter: LeadFilter) {
        leadPage(page: $page, limit: $limit, filter: $filter) @include(if: $byPage) {
          nodes {
            ...LeadFields
          }
          total
          page
          limit
          pages
        }
        leads(first: $first, after: $after, filter: $filter, orderBy: NEWEST) @skip(if: $byPage) {
          nodes {
            ...LeadFields
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
      ${leadFragment}
    `,
      { noLocation: true },
    ),
    toVariables: ({ query: { stage, search, source, campaign, from, to, page, limit, after } }) => ({
      byPage: after === undefined,
      page,
      limit,
      first: Math.min(limit, maxKeysetLimit),
      after: after || null,
      filter: {
        ...(stage?.length && { stage }),
        ...(search && { search }),
        ...(source?.length && { source }),
        ...(campaign?.length && { campaign }),
        ...(from && { createdFrom: `${from}T00:00:00.000Z` }),
        ...(to && { createdTo: `${to}T23:59:59.999Z` }),
      },
    }),
    toAnswer({ leadPage, leads: connection }, { query: { limit } }) {
      if (leadPage) {
        const { nodes, total, page, pages } = leadPage;
        return { status: 200, body: { leads: nodes.map(toLeadJson), total, page, limit: leadPage.limit, pages } };
      }
      const { hasNextPage = false, endCursor = null } = connection?.pageInfo ?? {};
      const next = hasNextPage ? endCursor : null;
      return { status: 200, body: { leads: connection?.nodes.map(toLeadJson) ?? [], limit, has_more: hasNextPage, next } };
    },
    docs: {
      ...docs,
      examples: [
        { title: 'Paid leads of March', curl: `curl "http://localhost:3000${path}?stage=Paid&from=2026-03-01&to=2026-03-31"` },
        { title: 'Reading on without counting pages', curl: `curl "http://localhost:3000${path}?limit=100&after="` },
      ],
      answers: [
        {
          status: 200,
          description: 'A page of leads. With `after`, `has_more` and `next` stand in the place of `total`, `page` and `pages`.',
          schema: z.union([
            z.object({ leads, total: z.int(), page: z.int(), limit: z.int(), pages: z.int() }),
            z.object({ leads, limit: z.int(), has_more: z.boolean(), next: z.string().nullable() }),
          ]),
          example: { leads: [], total: 0, page: 1, limit: 50, pages: 0 },
        },
      ],
      refusals: { 400: 'A parameter breaks a rule.' },
    },
  });

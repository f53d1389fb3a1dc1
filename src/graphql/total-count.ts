import type { Connection } from '../platform/connection.ts';

type Counted = Pick<Connection<unknown>, 'total'>;

/** Options of the two fields that every connection has beside its page. They cost a statement only when they are selected. */
export const totalCount = {
  description: 'How many there are in all, whatever the page. Computed only when asked.',
  /** A statement that may read 100,000 entries of an index. */
  extensions: { cost: 50 },
  resolve: async ({ total }: Counted): Promise<number> => (await total()).count,
};

export const totalCountIsExact = {
  description: 'False: `totalCount` is an estimate, because there are more than 100,000.',
  resolve: async ({ total }: Counted): Promise<boolean> => (await total()).exact,
};

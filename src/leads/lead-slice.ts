import type { Parameters } from '../platform/parameters.ts';

/** A stretch of an ordered list. */
export interface Slice {
  readonly order: 'NUMBER' | 'LAST_CHANGE';
  readonly descending: boolean;
  /** The number or seq of the rows that the stretch lies between, in the direction of reading. */
  readonly from: number | null;
  readonly until: number | null;
  readonly skip: number;
  readonly take: number;
  /** What to read of each lead beside its keys; null: everything. */
  readonly columns: readonly string[] | null;
}

const keyColumns = ['id', 'accountId', 'number', 'stage', 'lastSeq'];

/** Reading a row of 58 columns costs the server twice as much as reading the dozen that a list shows. */
export const selectLeads = ({ columns }: Pick<Slice, 'columns'>): string =>
  columns === null ? 'SELECT l.*' : `SELECT ${[...new Set([...keyColumns, ...columns])].map((column) => `l."${column}"`).join(', ')}`;

export const direction = ({ descending }: Slice): string => (descending ? 'DESC' : 'ASC');

export const limit = ({ take, skip }: Slice, add: Parameters['add']): string => `LIMIT ${add(take)}::bigint OFFSET ${add(skip)}::bigint`;

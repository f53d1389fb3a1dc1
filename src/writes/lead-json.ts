import { type Lead, Prisma } from '../../prisma/generated/client/client.ts';
import { tables } from './tables.ts';

/** Columns that are ours: readers of the log do not see them. */
const privateColumns: ReadonlySet<string> = new Set(['accountId', 'emailKey', 'lastSeq']);

const publicColumns = tables.Lead.columns
  .filter(({ name }) => !privateColumns.has(name))
  .map(({ name }) => ({ name: name as keyof Lead, key: `"${name}":` }));

/** How much of a lead an entry shows: everything; or, where it must not tell of the person, its ids and what the numbers count, or its ids alone. */
export type LeadPart = 'all' | 'counted' | 'ids';

const ids: readonly string[] = ['id', 'number'];
/** As `rollup_counted` leaves them in an entry. */
const counted: readonly string[] = [
  'stage',
  'sourceName',
  'campaignName',
  'domain',
  'deviceType',
  'createdAt',
  'formPercent',
  'cost',
  'adSpend',
];

const columnsOf = (names: readonly string[]) => publicColumns.filter(({ name }) => names.includes(name));
const parts = { counted: columnsOf([...ids, ...counted]), ids: columnsOf(ids) };

/** A lead as an entry of the log shows it, as JSON text. */
export const leadJson = (lead: Lead, part: LeadPart): string => (part === 'all' ? publicLeadJson(lead) : toJson(lead, parts[part]));

const texts = new WeakMap<Lead, string>();

/**
 * The lead as readers of the log see it, as JSON text: every known field under its column's name. One state is shown by several entries,
 * so its text is made once.
 */
function publicLeadJson(lead: Lead): string {
  const known = texts.get(lead);
  if (known !== undefined) return known;
  const text = toJson(lead, publicColumns);
  texts.set(lead, text);
  return text;
}

function toJson(lead: Lead, columns: typeof publicColumns): string {
  let text = '{';
  for (const { name, key } of columns) {
    const value = lead[name];
    if (value === null || isEmpty(value)) continue;
    text += `${text.length > 1 ? ',' : ''}${key}${JSON.stringify(value)}`;
  }
  return `${text}}`;
}

function isEmpty(value: Exclude<Lead[keyof Lead], null>): boolean {
  if (typeof value !== 'object' || value instanceof Date) return false;
  if (value instanceof Prisma.Decimal) return value.isZero();
  return Object.keys(value).length === 0;
}

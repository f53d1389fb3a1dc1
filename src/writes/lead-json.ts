import { type Lead, Prisma } from '../../prisma/generated/client/client.ts';
import { tables } from './tables.ts';

/** Columns that are ours: readers of the log do not see them. */
const privateColumns: ReadonlySet<string> = new Set(['accountId', 'emailKey', 'lastSeq']);

const publicColumns = tables.Lead.columns
  .filter(({ name }) => !privateColumns.has(name))
  .map(({ name }) => ({ name: name as keyof Lead, key: `"${name}":` }));

const texts = new WeakMap<Lead, string>();

/**
 * The lead as readers of the log see it, as JSON text: every known field under its column's name. One state is shown by several entries,
 * so its text is made once.
 */
export function publicLeadJson(lead: Lead): string {
  const known = texts.get(lead);
  if (known !== undefined) return known;
  let text = '{';
  for (const { name, key } of publicColumns) {
    const value = lead[name];
    if (value === null || isEmpty(value)) continue;
    text += `${text.length > 1 ? ',' : ''}${key}${JSON.stringify(value)}`;
  }
  text += '}';
  texts.set(lead, text);
  return text;
}

function isEmpty(value: Exclude<Lead[keyof Lead], null>): boolean {
  if (typeof value !== 'object' || value instanceof Date) return false;
  if (value instanceof Prisma.Decimal) return value.isZero();
  return Object.keys(value).length === 0;
}

import type { LeadFilter, LeadOrder, LeadRow } from '../documents/leads.ts';
import type { LiveChange } from '../documents/live.ts';
import { matches } from './matches.ts';

/** The rows of a list, each lead once, in order. Hundreds of thousands of them take a batch of changes in a millisecond or two. */
export interface RowsInOrder {
  /** Another array whenever something changed. */
  readonly all: () => readonly LeadRow[];
  /** Adds the next page. */
  readonly append: (page: readonly LeadRow[]) => void;
  /** Puts a first page that was read again in the place of the rows that it covers. */
  readonly replaceHead: (page: readonly LeadRow[]) => void;
  /** Follows the log. `complete`: there is nothing behind the last row. False: only the server can tell what belongs now. */
  readonly follow: (changes: readonly LiveChange[], complete: boolean) => boolean;
}

export function createRows(filter: LeadFilter, orderBy: LeadOrder): RowsInOrder {
  let rows: readonly LeadRow[] = [];
  let ids = new Set<string>();

  return {
    all: () => rows,
    append(page) {
      const fresh = page.filter(({ id }) => !ids.has(id));
      for (const { id } of fresh) ids.add(id);
      rows = rows.concat(fresh);
    },
    replaceHead(page) {
      const onPage = new Set(page.map(({ id }) => id));
      const last = page.at(-1);
      // What would stand on the first page and does not is gone, or does not match any more.
      const isCovered = (row: LeadRow) => onPage.has(row.id) || (last !== undefined && orderBy === 'NEWEST' && row.number >= last.number);
      rows = [...page, ...rows.filter((row) => !isCovered(row))];
      ids = new Set(rows.map(({ id }) => id));
    },
    follow(changes, complete) {
      const { latest, isKnown } = sift(changes, filter, ids);
      if (latest.size > 0) {
        rows = (orderBy === 'NEWEST' ? placeByNumber : placeByTime[orderBy])(rows, latest, ids, complete);
        for (const [id, lead] of latest) if (lead === null) ids.delete(id);
      }
      return isKnown;
    },
  };
}

/** What becomes of a lead: its new row, or null when it leaves the list. In the order in which they were touched last. */
type Latest = ReadonlyMap<string, LeadRow | null>;

function sift(
  changes: readonly LiveChange[],
  filter: LeadFilter,
  ids: ReadonlySet<string>,
): { readonly latest: Latest; readonly isKnown: boolean } {
  const latest = new Map<string, LeadRow | null>();
  let isKnown = true;
  for (const { leadId, lead } of changes) {
    if (leadId === null) continue;
    const before = latest.get(leadId);
    const isThere = before === undefined ? ids.has(leadId) : before !== null;
    const belongs = lead ? matches(filter, lead) : false;
    if (belongs === null) isKnown = false;
    if (!isThere && !belongs) continue;
    latest.delete(leadId);
    latest.set(leadId, belongs === false ? null : lead);
  }
  return { latest, isKnown };
}

type Place = (rows: readonly LeadRow[], latest: Latest, ids: Set<string>, complete: boolean) => readonly LeadRow[];

/** Newest first: numbers fall, so that each place is found without looking at all rows. */
const placeByNumber: Place = (rows, latest, ids, complete) => {
  const next = [...rows];
  for (const [id, lead] of latest) {
    if (lead === null) continue;
    const at = placeOf(next, lead.number);
    if (ids.has(id)) next[at - 1] = lead;
    else if (at < next.length || complete) {
      next.splice(at, 0, lead);
      ids.add(id);
    }
  }
  // After the others took their places: the last row that leaves still says how far the list reaches.
  for (const [id, lead] of latest) {
    const at = lead === null ? next.findIndex((row) => row.id === id) : -1;
    if (at >= 0) next.splice(at, 1);
  }
  return next;
};

/** The first row of a smaller number. */
function placeOf(rows: readonly LeadRow[], number: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.number ?? 0) < number) high = middle;
    else low = middle + 1;
  }
  return low;
}

const kept = (rows: readonly LeadRow[], latest: Latest): readonly LeadRow[] =>
  rows.flatMap((row) => {
    const lead = latest.get(row.id);
    return lead === undefined ? [row] : lead === null ? [] : [lead];
  });

const placeByTime: Readonly<Record<Exclude<LeadOrder, 'NEWEST'>, Place>> = {
  RECENTLY_UPDATED(rows, latest, ids) {
    const front = [...latest.values()].filter((lead) => lead !== null).reverse();
    for (const { id } of front) ids.add(id);
    return [...front, ...rows.filter(({ id }) => !latest.has(id))];
  },
  OLDEST(rows, latest, ids, complete) {
    const fresh = complete ? [...latest.values()].filter((lead) => lead !== null).filter(({ id }) => !ids.has(id)) : [];
    const next = [...kept(rows, latest), ...fresh];
    for (const { id } of fresh) ids.add(id);
    return next;
  },
  // Where a new lead stands among the others of its stage, only the server can tell; the next look at the list will.
  STAGE: (rows, latest) => kept(rows, latest),
};

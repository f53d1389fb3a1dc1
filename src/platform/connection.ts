import { DomainError } from '../errors.ts';
import { toUuid } from './ids.ts';

/** The request names a page or a filter that cannot be. */
export class BadRequestError extends DomainError {
  readonly code = 'BAD_USER_INPUT';
  constructor(message: string) {
    super(message);
    this.name = 'BadRequestError';
  }
}

export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

export interface Page {
  readonly limit: number;
  /** The last rows before a place, rather than the first after one. */
  readonly backward: boolean;
  readonly after: string | null;
  readonly before: string | null;
}

const usualRows = 20;
const mostRows = 100;

/** Checks the four arguments of a connection. A page that is too large is refused, never cut: a caller would take the cut for the end. */
export function toPage({ first, after, last, before }: PageArguments): Page {
  const [name, wanted] = last == null ? ['first', first] : ['last', last];
  if (first != null && last != null) throw new BadRequestError('Give either `first` or `last`, not both.');
  if (wanted != null && (wanted < 1 || wanted > mostRows)) throw new BadRequestError(`\`${name}\` must be from 1 to ${mostRows}.`);
  for (const [place, cursor] of Object.entries({ after, before })) if (cursor != null) assertCursor(place, cursor);
  return { limit: wanted ?? usualRows, backward: last != null, after: after ?? null, before: before ?? null };
}

export interface Total {
  readonly count: number;
  /** False: an estimate, because counting would have meant reading too much. */
  readonly exact: boolean;
}

export interface Connection<Node> {
  readonly edges: { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  /** Asked for only when a client selects the total. */
  readonly total: () => Promise<Total>;
}

/** Makes a page of rows that were read in the page's direction, one more than it shows: that one says whether there is a next. */
export function toConnection<Node>(
  rows: readonly Node[],
  page: Page,
  cursorOf: (node: Node) => string,
  total: () => Promise<Total>,
): Connection<Node> {
  const more = rows.length > page.limit;
  const shown = rows.slice(0, page.limit);
  if (page.backward) shown.reverse();
  // Cursors are made when they are asked for: most clients want the last one only.
  const cursorOfOne = (node: Node | undefined): string | null => (node === undefined ? null : cursorOf(node));
  return {
    edges: shown.map((node) => new Edge(node, cursorOf)),
    pageInfo: {
      hasNextPage: page.backward ? page.before !== null : more,
      hasPreviousPage: page.backward ? more : page.after !== null,
      get startCursor() {
        return cursorOfOne(shown[0]);
      },
      get endCursor() {
        return cursorOfOne(shown.at(-1));
      },
    },
    total,
  };
}

/** A class, because a page of leads with their histories has hundreds, and a getter of its own would be most of what one costs. */
class Edge<Node> {
  readonly node: Node;
  readonly #cursorOf: (node: Node) => string;

  constructor(node: Node, cursorOf: (node: Node) => string) {
    this.node = node;
    this.#cursorOf = cursorOf;
  }

  get cursor(): string {
    return this.#cursorOf(this.node);
  }
}

export const once = <Value>(make: () => Promise<Value>): (() => Promise<Value>) => {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
};

/** What a cursor may hold. Each is checked, because PostgreSQL raises an error for a number or a UUID that is none. */
type CursorKind = 'int' | 'bigint' | 'uuid';
export type CursorKey = number | string;

/** A cursor is the sort key of its row, so it stays valid while rows come and go. `order` keeps it from being used in another list. */
export const encodeCursor = (order: string, keys: readonly CursorKey[]): string =>
  Buffer.from(JSON.stringify([order, ...keys])).toString('base64url');

export function decodeCursor(order: string, kinds: readonly CursorKind[], cursor: string): readonly CursorKey[] {
  const [tag, ...keys] = parseArray(Buffer.from(cursor, 'base64url').toString('utf8'));
  const valid = keys.filter((key, i): key is CursorKey => isKey(kinds[i], key));
  if (tag !== order || keys.length !== kinds.length || valid.length !== kinds.length) {
    throw new BadRequestError(
      'The cursor in `after` or `before` is not one that this list gave in this order. Give one that it gave with the same `orderBy`, or leave it out to begin anew.',
    );
  }
  return valid;
}

/** What no list gave, told with the argument that holds it. Which list a cursor belongs to is known when it is decoded. */
function assertCursor(name: string, cursor: string): void {
  if (parseArray(Buffer.from(cursor, 'base64url').toString('utf8')).length > 1) return;
  throw new BadRequestError(
    `\`${name}\` is no cursor. Give an \`endCursor\`, \`startCursor\` or \`cursor\` of this list, or leave it out to begin anew.`,
  );
}

function parseArray(json: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(json);
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

function isKey(kind: CursorKind | undefined, key: unknown): boolean {
  if (kind === 'uuid') return typeof key === 'string' && toUuid(key) === key;
  if (kind === undefined || !Number.isSafeInteger(key)) return false;
  return kind === 'bigint' || Math.abs(Number(key)) < 2 ** 31;
}

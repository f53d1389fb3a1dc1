/** What one operation may ask for. Everything that the dashboard, GraphiQL and the REST endpoints ask uses at most two fifths of each. */
export const operationLimits = {
  /** As many as a WebSocket message may have. Every error counts lines from the beginning. */
  characters: 64 * 1024,
  /** Names, braces, values: eight times those of the largest document of the dashboard. */
  tokens: 2000,
  /** Each is checked with every fragment that it reaches. */
  operations: 20,
  /** Every two fragments that are spread at one place are compared. */
  spreads: 100,
  /** Fields within fields. The deepest way through the graph that makes sense, a webhook's deliveries to their lead's history, has nine. */
  depth: 15,
  /** Fields with every fragment written out where it is spread: fragments that spread each other double at each step. */
  fields: 1000,
  /** One field under many names: each may be a statement of its own, and the answer grows with each. */
  aliases: 30,
  /** One name selected again at the same place. Every two of them are compared; members of a union repeat theirs. */
  repeats: 30,
  /** `@include` and `@skip` stand once each at a place; a few more may be custom ones that are then refused by name. */
  directivesAtOnePlace: 4,
  directives: 50,
  /** Entries of a list that is an argument, written out or in a variable. Shopify takes as many. */
  listItems: 250,
  /** Brackets within brackets in an argument: as deep as a body may be. */
  valueDepth: 32,
  /** About as many objects read and written, 0.1 to 0.2 s of work: a page of 100 leads, each with 90 things of its own. */
  cost: 10_000,
  /** Not a limit of the caller's: so many errors say enough, and each takes time to make. */
  errors: 20,
} as const;

export type Limited = Exclude<keyof typeof operationLimits, 'errors'>;

/** What parts of an operation cost that are not simply objects. A field can say its own: `extensions: { cost: 50 }`. */
export const costs = {
  object: 1,
  /** A transaction: locks, a few statements, a commit. */
  mutation: 10,
  /** The whole schema is written in about 20 ms. */
  schema: 2500,
  type: 50,
  /** Lists without a page hold a handful: attempts, stages, events of a campaign. */
  listItems: 5,
  /** What a connection gives when nobody says how many. */
  usualPage: 20,
  /** The largest page of any list: a field that is asked for more refuses by itself, and says so. */
  largestPage: 200,
} as const;

export interface AbusiveDocument {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

const times = (count: number, part: (i: number) => string): string => Array.from({ length: count }, (_, i) => part(i)).join(' ');

/** `a { a { a { leaf } } }` */
const nest = (field: string, depth: number, leaf: string): string => `${`${field} { `.repeat(depth)}${leaf}${' }'.repeat(depth)}`;

const ring = 'fragment F on Lead { duplicateOf { ...G } } fragment G on Lead { duplicateOf { ...F } }';

/** Fragments that each spread the next one twice, under two names: 2^n fields from n lines. */
const doubling = (steps: number): string =>
  times(steps, (i) => `fragment F${i} on Lead { a: duplicateOf { ...F${i + 1} } b: duplicateOf { ...F${i + 1} } }`);

/** Forty documents that ask for far more than anyone needs, or that are costly to look at. */
export const abusiveDocuments: Readonly<Record<string, AbusiveDocument>> = {
  'a hundred aliases': { query: `{ ${times(101, (i) => `a${i}: __typename`)} }` },
  'aliases of a list': { query: `{ ${times(31, (i) => `a${i}: leads { totalCount }`)} }` },
  'aliases in fragments': {
    query: `{ leads { nodes { ...A ...B } } } ${['A', 'B'].map((f) => `fragment ${f} on Lead { ${times(20, (i) => `${f}${i}: id`)} }`).join(' ')}`,
  },
  'aliases of a mutation': {
    query: `mutation { ${times(60, (i) => `m${i}: recordPostback(input: { email: "a${i}@example.com" }) { __typename }`)} }`,
  },
  'one field five hundred times': { query: `{ ${times(500, () => '__typename')} }` },
  'one field under inline fragments': { query: `{ ${times(200, () => '... on Query { __typename }')} }` },
  'ten directives on a field': { query: `{ __typename ${times(10, () => '@include(if: true)')} }` },
  'unknown directives': { query: `{ __typename ${times(500, () => '@aa')} }` },
  'directives everywhere': { query: `{ ${times(25, (i) => `a${i}: __typename @skip(if: false) @include(if: true) @x`)} }` },
  'directives on the operation': { query: `query ${times(100, () => '@a')} { __typename }` },
  'a deep way through the graph': { query: `{ leads { nodes { ${nest('duplicateOf', 20, 'id')} } } }` },
  'a way as deep as the parser goes': { query: nest('a', 60_000, 'b').slice(0, 200_000) },
  'a deep way through inline fragments': {
    query: `{ leads { nodes { ${nest('duplicateOf { ... on Lead', 20, 'id')}${' }'.repeat(20)} } } }`,
  },
  'a ring of fragments': { query: `{ leads { nodes { ...F } } } ${ring}` },
  'a fragment that spreads itself': { query: '{ ...F } fragment F on Query { ...F __typename }' },
  'fragments that double': { query: `{ leads { nodes { ...F0 } } } ${doubling(14)} fragment F14 on Lead { id }` },
  'fragments that double without names': {
    query: `{ leads { nodes { ...F0 } } } ${times(25, (i) => `fragment F${i} on Lead { duplicateOf { ...F${i + 1} ...F${i + 1} } }`)} fragment F25 on Lead { id }`,
  },
  'many fragments at one place': {
    query: `{ leads { nodes { ${times(150, (i) => `...F${i}`)} } } } ${times(150, (i) => `fragment F${i} on Lead { id number }`)}`,
  },
  'fragments that nobody wrote': { query: `{ ${times(900, (i) => `...F${i}`)} }` },
  'a million leads': { query: '{ leads(first: 100) { nodes { stageHistory(first: 100) { nodes { id lead { id } } } } } }' },
  'pages in pages': {
    query: '{ leads(first: 90) { nodes { submissions(first: 90) { nodes { lead { submissions(first: 90) { nodes { id } } } } } } } }',
  },
  'pages by variables': {
    query: 'query ($n: Int!) { leads(first: $n) { nodes { timeline(first: $n) { nodes { deliveries { attempts { at } } } } } } }',
    variables: { n: 100 },
  },
  'pages by defaults': {
    query: 'query ($n: Int = 100) { leads(last: $n) { nodes { stageHistory(last: $n) { edges { node { id lead { id } } } } } } }',
  },
  'every row through its edges': {
    query: '{ webhooks(first: 100) { edges { node { deliveries(first: 100) { edges { node { attempts { at } } } } } } } }',
  },
  'numbers of everything': {
    query: `{ leads(first: 100) { nodes { ${times(5, (i) => `c${i}: submissions(first: 100) { nodes { id } }`)} } } }`,
  },
  'the schema, a dozen times': { query: `{ ${times(12, (i) => `a${i}: __schema { types { fields { name } } }`)} }` },
  'the schema in a circle': { query: `{ __schema { ${nest('types { fields { type', 5, 'name')}${' } }'.repeat(5)} } }` },
  'the schema in a ring of fragments': {
    query: '{ __schema { types { ...T } } } fragment T on __Type { fields { type { fields { type { fields { type { name } } } } } } }',
  },
  'a list of thousands': { query: `{ nodes(ids: [${times(1500, () => '"x"')}]) { id } }` },
  'a list of thousands in a variable': {
    query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
    variables: { ids: Array.from({ length: 5000 }, () => 'x') },
  },
  'a list of thousands in an input': {
    query: 'query ($filter: LeadFilter) { leads(filter: $filter) { totalCount } }',
    variables: { filter: { stage: Array.from({ length: 5000 }, () => 'x') } },
  },
  'brackets in brackets': { query: `{ nodes(ids: ${'['.repeat(900)}${']'.repeat(900)}) { id } }` },
  'objects in objects': {
    query: `mutation { recordPostback(input: { customData: ${'{a:'.repeat(60)}1${'}'.repeat(60)} }) { __typename } }`,
  },
  'a list default of hundreds': {
    query: `query ($ids: [ID!]! = [${times(400, () => '"x"')}]) { nodes(ids: $ids) { id } }`,
  },
  'a thousand unknown fields': { query: `{ ${times(990, (i) => `lead${i}`)} }` },
  'a thousand unknown arguments': { query: `{ leads(${times(490, (i) => `firs${i}: 1`)}) { totalCount } }` },
  'names of thousands of letters': { query: `{ ${times(15, (i) => `${'lead'.repeat(1000)}${i}`)} }` },
  'hundreds of variables': { query: `query (${times(300, (i) => `$v${i}: Int`)}) { __typename }` },
  'hundreds of operations': { query: times(300, (i) => `query q${i} { __typename }`) },
  'two hundred thousand characters': { query: `{ __typename #${'x'.repeat(200_000)}\n }` },
};

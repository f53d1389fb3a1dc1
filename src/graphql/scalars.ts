import { GraphQLError, GraphQLScalarType, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';
import { Prisma } from '../../prisma/generated/client/client.ts';
import { isRealDay, parseInstant } from '../platform/instant.ts';
import { toIsoTime } from '../platform/iso-time.ts';

/** `literal` is where the value stands, when that is the document: graphql-js reports what a scalar throws about one as it is. */
const refuse = (message: string, literal: ValueNode | undefined): GraphQLError =>
  new GraphQLError(message, { ...(literal && { nodes: literal }), extensions: { code: 'BAD_USER_INPUT' } });

function parseDateTime(value: unknown, literal?: ValueNode): Date {
  const instant = typeof value === 'string' ? parseInstant(value) : null;
  if (instant) return instant;
  throw refuse('DateTime must be an RFC 3339 time with an offset, in the years 1 to 9999, like "2026-03-05T10:00:00Z".', literal);
}

export const DateTimeScalar = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'A moment in time: RFC 3339, given with an offset, answered in UTC with milliseconds; in the years 1 to 9999.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: (value) => (value instanceof Date ? toIsoTime(value) : String(value)),
  parseValue: (value) => parseDateTime(value),
  parseLiteral: (node) => parseDateTime(node.kind === Kind.STRING ? node.value : null, node),
});

function parseDate(value: unknown, literal?: ValueNode): Date {
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && isRealDay(value)) return new Date(`${value}T00:00:00.000Z`);
  throw refuse('Date must be an existing day written YYYY-MM-DD.', literal);
}

export const DateScalar = new GraphQLScalarType<Date, string>({
  name: 'Date',
  description: 'A calendar day without a time: YYYY-MM-DD.',
  serialize: (value) => (value instanceof Date ? value.toISOString().slice(0, 10) : String(value)),
  parseValue: (value) => parseDate(value),
  parseLiteral: (node) => parseDate(node.kind === Kind.STRING ? node.value : null, node),
});

const decimalPattern = /^[+-]?\d{1,20}(\.\d{1,18})?$/;

function parseDecimal(value: unknown, literal?: ValueNode): Prisma.Decimal {
  const text = typeof value === 'number' ? new Prisma.Decimal(value).toFixed() : value;
  if (typeof text === 'string' && decimalPattern.test(text.trim())) return new Prisma.Decimal(text.trim());
  throw refuse('Decimal must be a number, or a string of digits with at most 20 before and 18 after the point.', literal);
}

/** A number that is written with an exponent, with all its digits. One with a larger exponent than that is none that could be kept. */
const withoutExponent = (literal: string): string => (/e[+-]?\d{1,2}$/i.test(literal) ? new Prisma.Decimal(literal).toFixed() : literal);

export const DecimalScalar = new GraphQLScalarType<Prisma.Decimal, string>({
  name: 'Decimal',
  description: 'An exact decimal number, answered as a string. Accepts a string or a number.',
  serialize: (value) => (Prisma.Decimal.isDecimal(value) ? value.toFixed() : String(value)),
  parseValue: (value) => parseDecimal(value),
  parseLiteral: (node) => parseDecimal(node.kind === Kind.FLOAT ? withoutExponent(node.value) : 'value' in node ? node.value : null, node),
});

export const JsonScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  description: 'Any JSON value.',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node: ValueNode, variables) => valueFromASTUntyped(node, variables),
});

export const CursorScalar = new GraphQLScalarType<string, string>({
  name: 'Cursor',
  description: "An opaque position in an account's change log.",
  serialize: String,
  parseValue: (value) => parseCursor(value),
  parseLiteral: (node) => parseCursor(node.kind === Kind.STRING ? node.value : null, node),
});

function parseCursor(value: unknown, literal?: ValueNode): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= 200) return value;
  throw refuse('Cursor must be a cursor that this server gave.', literal);
}

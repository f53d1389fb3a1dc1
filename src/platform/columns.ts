/**
 * Many rows as one text[] per column, in PostgreSQL's binary form. A statement with `unnest` over such columns reads a batch several times
 * faster than JSON, and nothing has to be quoted. Measured for the five row kinds of a postback: 64 us a request with json_populate_recordset,
 * 15 us this way.
 */
export interface Column<Row> {
  readonly name: string;
  /** The PostgreSQL type of the column. */
  readonly type: string;
  /** SQL that makes the column's value of the text; a cast where there is none. */
  readonly fromText?: (text: string) => string;
  readonly toText: (row: Row) => string | null;
}

const textOid = 25;
const headerBytes = 20;

/** One column of a batch as a query parameter. */
export function encodeColumn(values: readonly (string | null)[]): Buffer {
  if (values.length === 0) return emptyArray;
  let size = headerBytes + 4 * values.length;
  // Three bytes a UTF-16 unit is the most that UTF-8 takes; the buffer is cut to what was written.
  for (const value of values) if (value !== null) size += value.length * 3;
  const buffer = Buffer.allocUnsafe(size);
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(1, 4);
  buffer.writeInt32BE(textOid, 8);
  buffer.writeInt32BE(values.length, 12);
  buffer.writeInt32BE(1, 16);
  let at = headerBytes;
  for (const value of values) {
    const length = value === null ? -1 : buffer.write(value, at + 4, 'utf8');
    buffer.writeInt32BE(length, at);
    at += 4 + Math.max(length, 0);
  }
  return buffer.subarray(0, at);
}

const emptyArray = Buffer.alloc(12);
emptyArray.writeInt32BE(textOid, 8);

/** The parameters of a batch of rows, one a column, in the order of the columns. */
export const encodeRows = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Buffer[] =>
  columns.map((column) => encodeColumn(rows.map(column.toText)));

/** `SELECT` over the parameters that {@link encodeRows} makes, the first of them being `$first`; gives the columns under their names. */
export function selectRows(columns: readonly Column<never>[], first: number): string {
  const parameters = columns.map((_, i) => `$${first + i}::text[]`).join(', ');
  const names = columns.map((_, i) => `c${i}`).join(', ');
  const casts = columns.map(({ name, type, fromText = cast(type) }, i) => `${fromText(`c${i}`)} AS "${name}"`).join(', ');
  return `SELECT ${casts} FROM unnest(${parameters}) AS u(${names})`;
}

const cast = (type: string) => (text: string) => (type === 'text' ? text : `${text}::${type}`);

/** An array literal of texts. */
export const toArrayText = (items: readonly string[]): string =>
  items.length === 0 ? '{}' : `{${items.map((item) => `"${item.replace(/[\\"]/g, '\\$&')}"`).join(',')}}`;

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

/** The parameters of a batch of rows, one a column, in the order of the columns. */
export function encodeRows<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Buffer[] {
  return columns.map(({ toText }) => encodeColumn(rows, toText));
}

/** One column of a batch as a query parameter. */
export function encodeColumn<Row>(rows: readonly Row[], toText: (row: Row) => string | null): Buffer {
  const texts: (string | null)[] = [];
  let bytes = headerBytes + 4 * rows.length;
  for (const row of rows) {
    const text = toText(row);
    texts.push(text);
    if (text !== null) bytes += Buffer.byteLength(text);
  }
  const buffer = Buffer.allocUnsafe(bytes);
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(1, 4);
  buffer.writeInt32BE(textOid, 8);
  buffer.writeInt32BE(rows.length, 12);
  buffer.writeInt32BE(1, 16);
  let at = headerBytes;
  for (const text of texts) {
    if (text === null) {
      at = buffer.writeInt32BE(-1, at);
    } else {
      const length = buffer.write(text, at + 4, 'utf8');
      buffer.writeInt32BE(length, at);
      at += 4 + length;
    }
  }
  return buffer;
}

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

/**
 * Many rows as one text[] per column. A statement with `unnest` over such columns reads a batch several times faster than JSON. Measured for
 * the five row kinds of a postback: 64 us a request with json_populate_recordset, 15 us this way.
 */
export interface Column<Row> {
  readonly name: string;
  /** The PostgreSQL type of the column. */
  readonly type: string;
  /** SQL that makes the column's value of the text; a cast where there is none. */
  readonly fromText?: (text: string) => string;
  readonly toText: (row: Row) => string | null;
}

/** The parameters of a batch of rows, one a column, in the order of the columns. */
export function encodeRows<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): (string | Buffer)[] {
  return columns.map((column) => (isLong(column.type) ? toBinary(rows, column.toText) : toLiteral(rows, column.toText)));
}

/** JSON is long and full of quotes: it goes in binary, where nothing has to be escaped. Short texts are cheaper as one literal. */
const isLong = (type: string): boolean => type === 'json' || type === 'jsonb';

function toLiteral<Row>(rows: readonly Row[], toText: (row: Row) => string | null): string {
  let literal = '{';
  for (const row of rows) {
    const text = toText(row);
    literal += `${literal === '{' ? '' : ','}${text === null ? 'NULL' : quote(text)}`;
  }
  return `${literal}}`;
}

const quote = (text: string): string => (/[\\"]/.test(text) ? `"${text.replace(/[\\"]/g, '\\$&')}"` : `"${text}"`);

const textOid = 25;
const headerBytes = 20;

function toBinary<Row>(rows: readonly Row[], toText: (row: Row) => string | null): Buffer {
  const texts: (string | null)[] = [];
  let bytes = headerBytes + 4 * rows.length;
  for (const row of rows) {
    const text = toText(row);
    texts.push(text);
    if (text !== null) bytes += Buffer.byteLength(text);
  }
  const buffer = Buffer.allocUnsafe(bytes);
  const header = [rows.length === 0 ? 0 : 1, 1, textOid, rows.length, 1];
  for (const [i, word] of header.entries()) buffer.writeInt32BE(word, 4 * i);
  let at = headerBytes;
  for (const text of texts) {
    const length = text === null ? -1 : buffer.write(text, at + 4, 'utf8');
    buffer.writeInt32BE(length, at);
    at += 4 + Math.max(length, 0);
  }
  return rows.length === 0 ? buffer.subarray(0, 12) : buffer;
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
export const toArrayText = (items: readonly string[]): string => toLiteral(items, (item) => item);

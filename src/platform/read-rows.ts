import type pg from 'pg';

const mostKnown = 500;

interface Known {
  /** Under it PostgreSQL keeps the plan: planning a page of leads takes longer than reading it. */
  readonly name: string;
  readonly text: string;
  readonly columns: readonly Column[];
}

interface Column {
  readonly name: string;
  readonly parse: (text: string) => unknown;
}

const known = new Map<string, Known>();

/**
 * Reads rows by a statement that comes often. From its second time on it is prepared, and its rows come as one text, in their order: a page of
 * leads with their histories has 2,000 values, and to receive them one by one was a third of what the process did for it. Give it texts of a
 * small set only, with limits written out, since a plan is made for all values of its parameters.
 */
export async function readRows<Row>(pool: pg.Pool, text: string, values: readonly unknown[]): Promise<Row[]> {
  const found = known.get(text);
  if (found) {
    const { rows } = await pool.query<{ rows: string }>({ name: found.name, text: found.text, values: [...values] });
    return parseRows(found.columns, rows[0]?.rows ?? '[]') as Row[];
  }
  const { rows, fields } = await pool.query<Row & pg.QueryResultRow>(text, [...values]);
  // Others may have asked the same meanwhile; a name must not be given twice.
  if (!known.has(text) && known.size < mostKnown)
    known.set(text, { name: `read-${known.size}`, text: toOneText(text, fields), columns: toColumns(pool, fields) });
  return rows;
}

/** All values as PostgreSQL writes them, so that they are read as the driver reads them. */
function toOneText(text: string, fields: readonly pg.FieldDef[]): string {
  const values = fields.map(({ name }) => `r."${name}"::text`).join(', ');
  return `SELECT array_to_json(ARRAY(SELECT ARRAY[${values}] FROM (${text}) r))::text AS rows`;
}

const toColumns = ({ options }: pg.Pool, fields: readonly pg.FieldDef[]): Column[] =>
  fields.map(({ name, dataTypeID }) => ({ name, parse: (options.types?.getTypeParser(dataTypeID, 'text') ?? String) as Column['parse'] }));

function parseRows(columns: readonly Column[], text: string): Record<string, unknown>[] {
  const rows = JSON.parse(text) as (string | null)[][];
  return rows.map((texts) => {
    const row: Record<string, unknown> = {};
    for (let i = 0; i < columns.length; i++) {
      const { name, parse } = columns[i] as Column;
      const value = texts[i];
      row[name] = value == null ? null : parse(value);
    }
    return row;
  });
}

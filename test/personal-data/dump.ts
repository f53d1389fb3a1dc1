import { Client } from 'pg';

/** One value of one column, as text. */
export interface Cell {
  readonly table: string;
  readonly column: string;
  readonly text: string;
}

/** Every value of every column of every table, so that a table that is added tomorrow is looked through as well. */
export async function readEverything(databaseUrl: string): Promise<Cell[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows: columns } = await client.query<{ table_name: string; column_name: string; data_type: string }>(
      `SELECT table_name, column_name, data_type FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
        WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1, 2`,
    );
    const cells: Cell[] = [];
    for (const { table_name: table, column_name: column, data_type: type } of columns) {
      // Bytes as the text that they spell, so that a secret kept as bytes shows as well.
      const text = type === 'bytea' ? `encode("${column}", 'escape')` : `"${column}"::text`;
      const { rows } = await client.query<{ text: string }>(`SELECT ${text} AS text FROM "${table}" WHERE "${column}" IS NOT NULL`);
      for (const row of rows) cells.push({ table, column, text: row.text });
    }
    return cells;
  } finally {
    await client.end();
  }
}

/** Where any of the words stands, whatever the case: `Table.column: word`. */
export function findWords(cells: readonly Cell[], words: readonly string[]): string[] {
  const places = new Set<string>();
  for (const { table, column, text } of cells) {
    const lower = text.toLowerCase();
    for (const word of words) if (lower.includes(word.toLowerCase())) places.add(`${table}.${column}: ${word}`);
  }
  return [...places].sort();
}

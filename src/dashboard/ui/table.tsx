import type { ComponentChildren } from 'preact';

export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** `row-actions`: stays in sight at the right, however narrow the screen is. */
  readonly kind?: 'number' | 'wrap' | 'row-actions';
}

interface TableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[] | undefined;
  readonly keyOf: (row: Row) => string;
  readonly empty: ComponentChildren;
}

/** A table of a few hundred rows at most. Undefined rows: they are under way. */
export function Table<Row>({ label, columns, rows, keyOf, empty }: TableProps<Row>) {
  if (!rows) return null;
  if (rows.length === 0) return <p class="muted quiet-empty">{empty}</p>;
  return (
    <div class="scroll-x" tabindex={0} role="group" aria-label={label}>
      <table class="plain">
        <caption class="unseen">{label}</caption>
        <thead>
          <tr>
            {columns.map(({ name, kind }) => (
              <th key={name} scope="col" class={kind ?? ''}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ name, cell, kind }) => (
                <td key={name} class={kind ?? ''}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

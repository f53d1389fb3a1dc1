import type { ComponentChildren } from 'preact';

export interface BarRow {
  readonly key: string;
  readonly label: ComponentChildren;
  /** From 0 to 1: how long the bar is. */
  readonly share: number;
  readonly cells: readonly ComponentChildren[];
}

interface BarListProps {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly BarRow[];
  readonly empty: string;
}

/** A table whose rows carry a bar behind their first column. */
export function BarList({ title, head, rows, empty }: BarListProps) {
  if (rows.length === 0) return <p class="muted quiet-empty">{empty}</p>;
  return (
    <table class="bar-list">
      <caption class="unseen">{title}</caption>
      <thead>
        <tr>
          {head.map((name, i) => (
            <th key={name} scope="col" class={i === 0 ? '' : 'number'}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, label, share, cells }) => (
          <tr key={key}>
            <th scope="row">
              <span class="bar-track">
                <span class="bar-fill" style={{ width: share <= 0 ? 0 : `max(2px, ${Math.min(1, share) * 100}%)` }} />
                <span class="bar-label">{label}</span>
              </span>
            </th>
            {cells.map((cell, i) => (
              <td key={i} class="number">
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

import { useEffect, useRef, useState } from 'preact/hooks';
import { refusedFor, type RefusedReason, type RefusedVariables } from '../documents/refused.ts';
import { useQuery } from '../graph/use-query.ts';
import { ErrorNotice } from '../ui/notice.tsx';
import { formatCount } from '../ui/numbers.ts';
import { Pager, usePages } from '../ui/pager.tsx';
import { Time } from '../ui/time.tsx';
import { ReceiptEntry } from './receipt.tsx';

const atOnce = 10;

interface RefusedGroupProps {
  readonly group: RefusedReason;
  readonly variables: RefusedVariables;
  /** How many leads the most frequent reason has: the length of a whole bar. */
  readonly most: number;
}

/** A reason; its leads are asked for when it is opened. */
export function RefusedGroup({ group, variables, most: longest }: RefusedGroupProps) {
  const [open, setOpen] = useState(false);
  const { reason, count, lastAt, sources } = group;
  const { code, text } = splitReason(reason);
  return (
    <li>
      <details class="group" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <span class="group-title">{text}</span>
          <span class="group-count">{formatCount(count)}</span>
          <span class="group-note muted">
            {code !== null && <code>{code}</code>} {sources.map(({ name }) => name).join(', ')}
          </span>
          <span class="group-when muted">
            last <Time at={lastAt} />
          </span>
          <span class="group-bar" aria-hidden="true">
            <span style={{ width: `${(count / longest) * 100}%` }} />
          </span>
        </summary>
        {open && <RefusedReceipts group={group} variables={variables} />}
      </details>
    </li>
  );
}

function RefusedReceipts({ group, variables }: Pick<RefusedGroupProps, 'group' | 'variables'>) {
  const pages = usePages(JSON.stringify(variables));
  const { data, error, refetch } = useQuery(refusedFor, { ...variables, reason: group.reason, first: atOnce, after: pages.after });
  const counted = useRef(group.count);
  useEffect(() => {
    // The page asks how many there are; when there are more, these have changed too.
    if (counted.current !== group.count) refetch();
    counted.current = group.count;
  }, [group.count, refetch]);
  return (
    <>
      <ErrorNotice error={error} />
      <ol class="timeline" aria-label="Refused leads">
        {data?.submissions.nodes.map((receipt) => (
          <ReceiptEntry key={receipt.id} receipt={receipt} />
        ))}
      </ol>
      <Pager label={group.reason} pages={pages} list={data?.submissions} />
    </>
  );
}

/** `CODE: what people read`, as receipts note it. */
function splitReason(reason: string): { readonly code: string | null; readonly text: string } {
  const [, code = null, text = reason] = /^([A-Z_]+): (.+)$/s.exec(reason) ?? [];
  return { code, text };
}

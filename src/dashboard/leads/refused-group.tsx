import { useEffect, useRef, useState } from 'preact/hooks';
import { refusedFor, type RefusedReason, type RefusedVariables } from '../documents/refused.ts';
import { useQuery } from '../graph/use-query.ts';
import { Notice } from '../ui/notice.tsx';
import { formatCount } from '../ui/numbers.ts';
import { Time } from '../ui/time.tsx';
import { ReceiptEntry } from './receipt.tsx';

const shownAtFirst = 10;
const most = 100;

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
  const [first, setFirst] = useState(shownAtFirst);
  const { data, error, refetch } = useQuery(refusedFor, { ...variables, reason: group.reason, first });
  const counted = useRef(group.count);
  useEffect(() => {
    // The page asks how many there are; when there are more, these have changed too.
    if (counted.current !== group.count) refetch();
    counted.current = group.count;
  }, [group.count, refetch]);
  return (
    <>
      {error && <Notice kind="problem">{error.message}</Notice>}
      <ol class="timeline" aria-label="Refused leads">
        {data?.submissions.nodes.map((receipt) => (
          <ReceiptEntry key={receipt.id} receipt={receipt} />
        ))}
      </ol>
      {data?.submissions.pageInfo.hasNextPage && (
        <p class="group-more">
          {first < most ? (
            <button type="button" class="button small" onClick={() => setFirst(most)}>
              Show more
            </button>
          ) : (
            <span class="muted">These are the newest {most}.</span>
          )}
        </p>
      )}
    </>
  );
}

/** `CODE: what people read`, as receipts note it. */
function splitReason(reason: string): { readonly code: string | null; readonly text: string } {
  const [, code = null, text = reason] = /^([A-Z_]+): (.+)$/s.exec(reason) ?? [];
  return { code, text };
}

import { refusedSubmissions, type RefusedReceipt } from '../documents/refused.ts';
import { usePolling } from '../graph/use-polling.ts';
import { useQuery } from '../graph/use-query.ts';
import { ReceiptEntry } from '../leads/receipt.tsx';
import { Notice } from '../ui/notice.tsx';
import { formatCount, plural } from '../ui/numbers.ts';
import { Time, ZoneNote } from '../ui/time.tsx';

const newest = 100;
/** A refused lead changes no lead, so the log is silent about it. */
const pollEveryMs = 2000;

export function Refused() {
  const { data, error, refetch } = useQuery(refusedSubmissions, { first: newest });
  usePolling(refetch, pollEveryMs);
  const refused = data?.submissions;
  const groups = groupByReason(refused?.nodes ?? []);
  return (
    <div class="page">
      <header class="page-head">
        <h1>Refused leads</h1>
        <p class="muted">{refused && `${formatCount(refused.totalCount)} in all, the newest ${newest} by reason`}</p>
      </header>
      {error && <Notice kind="problem">{error.message}</Notice>}
      {refused?.totalCount === 0 && <p class="muted">Nothing was refused.</p>}
      {groups.map(([reason, receipts]) => (
        <details key={reason} class="group">
          <summary>
            <span class="group-title">{reason}</span>
            <span class="muted">
              {plural(receipts.length, 'lead')}, last {receipts[0] && <Time at={receipts[0].receivedAt} />}
            </span>
          </summary>
          <ol class="timeline">
            {receipts.map((receipt) => (
              <ReceiptEntry key={receipt.id} receipt={receipt} />
            ))}
          </ol>
        </details>
      ))}
      <p class="muted">
        <ZoneNote />
      </p>
    </div>
  );
}

/** A lead that was refused for several reasons stands under each of them. */
function groupByReason(receipts: readonly RefusedReceipt[]): readonly (readonly [string, readonly RefusedReceipt[]])[] {
  const groups = new Map<string, RefusedReceipt[]>();
  for (const receipt of receipts) {
    for (const reason of receipt.reasons.length === 0 ? ['No reason noted'] : receipt.reasons) {
      const group = groups.get(reason) ?? [];
      group.push(receipt);
      groups.set(reason, group);
    }
  }
  return [...groups].sort(([, a], [, b]) => b.length - a.length);
}

import { refusedReasons, type RefusedVariables } from '../documents/refused.ts';
import { usePolling } from '../graph/use-polling.ts';
import { useQuery } from '../graph/use-query.ts';
import { RefusedGroup } from '../leads/refused-group.tsx';
import { useSearch } from '../router.tsx';
import { useAllSources } from '../sources/use-all-sources.ts';
import { ErrorNotice } from '../ui/notice.tsx';
import { formatCount } from '../ui/numbers.ts';

/** A refused lead changes no lead, so the log is silent about it. */
const pollEveryMs = 10_000;
const hourMs = 3_600_000;

const spans = [
  ['day', 'Last 24 hours', 24],
  ['week', 'Last 7 days', 168],
  ['month', 'Last 30 days', 720],
] as const;

export function Refused() {
  const [params, change] = useSearch();
  const sourceId = params.get('source');
  const span = spans.find(([name]) => name === params.get('span'));
  const variables: RefusedVariables = { sourceId, receivedFrom: span ? hoursAgo(span[2]) : null };
  const { data, error, refetch } = useQuery(refusedReasons, variables);
  usePolling(refetch, pollEveryMs);
  const sources = useAllSources();
  const groups = data?.refusedReasons ?? [];
  const refused = data?.submissions;
  return (
    <div class="page">
      <header class="page-head">
        <div>
          <h1>Refused leads</h1>
          <p class="muted" role="status">
            {refused ? `${refused.totalCountIsExact ? '' : 'more than '}${formatCount(refused.totalCount)} refused` : '\u00a0'}
          </p>
        </div>
        <form class="filters" aria-label="Which refused leads" onSubmit={(event) => event.preventDefault()}>
          <label>
            <span>Arrived</span>
            <select value={span?.[0] ?? ''} onChange={(event) => change({ span: event.currentTarget.value })}>
              <option value="">At any time</option>
              {spans.map(([name, label]) => (
                <option key={name} value={name}>
                  {label}
                </option>
              ))}
            </select>
          </label>
          <label>
            <span>Source</span>
            <select value={sourceId ?? ''} onChange={(event) => change({ source: event.currentTarget.value })}>
              <option value="">All</option>
              {sources.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        </form>
      </header>
      <ErrorNotice error={error} />
      {refused?.totalCount === 0 && <p class="muted quiet-empty">Nothing was refused{params.size > 0 ? ' in this choice' : ''}.</p>}
      {groups.length > 0 && (
        <ul class="groups" aria-label="Reasons">
          {groups.map((group) => (
            <RefusedGroup key={group.reason} group={group} variables={variables} most={groups[0]?.count ?? 1} />
          ))}
        </ul>
      )}
      {refused && (
        <p class="muted small">
          A lead that was refused for several reasons stands under each. Nothing live tells of refused leads: while this page is looked at,
          it asks every {pollEveryMs / 1000} seconds.
        </p>
      )}
    </div>
  );
}

/** To the hour, so that asking again a moment later is the same question. */
const hoursAgo = (hours: number): string => new Date(Math.floor(Date.now() / hourMs - hours) * hourMs).toISOString();

import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { type LeadRow, leadRows } from '../documents/leads.ts';
import type { LiveChange } from '../documents/live.ts';
import { useQuery } from '../graph/use-query.ts';
import { Link } from '../router.tsx';
import { Time } from '../ui/time.tsx';
import { leadName, leadPath } from './lead-name.ts';
import { StageTag } from './stage-tag.tsx';

const shown = 8;
const variables = { first: shown, after: null, filter: {}, orderBy: 'RECENTLY_UPDATED' } as const;

interface Activity {
  readonly lead: LeadRow;
  /** Null: it happened before this page was opened. */
  readonly summary: string | null;
  readonly at: string;
}

/** The leads that something happened to last. It moves with the log itself, without asking again. */
export function LatestLeads() {
  const { feed } = useApp();
  const { data } = useQuery(leadRows, variables);
  const [activities, setActivities] = useState<readonly Activity[]>([]);

  useEffect(() => {
    if (data) setActivities((before) => merge(before, data.leads.nodes));
  }, [data]);
  useEffect(() => feed.onChanges((changes) => setActivities((before) => changes.reduce(addChange, before).slice(0, shown))), [feed]);

  return (
    <div class="scroll-x latest" tabindex={0} role="group" aria-label="Leads that changed last">
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">Lead</th>
            <th scope="col">What happened</th>
            <th scope="col">Stage</th>
            <th scope="col">Source</th>
            <th scope="col">When</th>
          </tr>
        </thead>
        <tbody>
          {activities.map(({ lead, summary, at }) => (
            <tr key={lead.id}>
              <td>
                <Link href={leadPath(lead.number)}>{leadName(lead)}</Link>
              </td>
              <td class="muted">{summary ?? 'Last changed'}</td>
              <td>
                <StageTag name={lead.stage.name} />
              </td>
              <td>{lead.sourceName ?? <span class="muted">–</span>}</td>
              <td>
                <Time at={at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** An answer knows who changed last; what happened to them may be known from the log already. */
function merge(before: readonly Activity[], leads: readonly LeadRow[]): readonly Activity[] {
  return leads.map((lead) => {
    const known = before.find((activity) => activity.lead.id === lead.id);
    return { lead, summary: known?.summary ?? null, at: known?.at ?? lead.updatedAt };
  });
}

function addChange(before: readonly Activity[], { lead, leadId, summary, recordedAt }: LiveChange): readonly Activity[] {
  const others = before.filter((activity) => activity.lead.id !== leadId);
  return lead ? [{ lead, summary, at: recordedAt }, ...others] : others;
}

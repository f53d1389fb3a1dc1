import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { leadDetail, type LeadDetail, type LeadDetailVariables } from '../documents/lead.ts';
import { pipelineStages } from '../documents/session.ts';
import { deliveriesLive } from '../documents/webhooks.ts';
import { useQuery } from '../graph/use-query.ts';
import { DeleteLead } from '../leads/delete-lead.tsx';
import { EraseLead } from '../leads/erase-lead.tsx';
import { EventList } from '../leads/event-list.tsx';
import { saveLeadExport } from '../leads/export-lead.ts';
import { LeadFacts } from '../leads/lead-facts.tsx';
import { leadName } from '../leads/lead-name.ts';
import { ConfirmMoveBack, isBackward, type Move, sendMove } from '../leads/move-lead.tsx';
import { ReceiptEntry } from '../leads/receipt.tsx';
import { StageHistory } from '../leads/stage-history.tsx';
import { Timeline } from '../leads/timeline.tsx';
import { toCurl } from '../leads/to-curl.ts';
import { go, Link, useTitle } from '../router.tsx';
import { apiKey } from '../session.ts';
import { CopyButton } from '../ui/copy.tsx';
import { ErrorNotice, Notice } from '../ui/notice.tsx';
import { Pager, usePages } from '../ui/pager.tsx';
import { useAction } from '../ui/use-action.ts';
import type { PageProps } from './page-props.ts';

export function LeadPage({ parameter }: PageProps) {
  const name = parameter ?? '';
  const stages = usePages();
  const events = usePages();
  const submissions = usePages();
  const timeline = usePages();
  const [known, setKnown] = useState<string | null>(null);
  const { feed } = useApp();
  const { data, error, loading, refetchSoon } = useQuery(
    leadDetail,
    {
      by: toSelector(name),
      stagesAfter: stages.after,
      eventsAfter: events.after,
      submissionsAfter: submissions.after,
      timelineAfter: timeline.after,
    },
    { isAffected: ({ leadId, lead: changed }) => leadId === known || (changed !== null && isNamed(changed, name)), everyMs: 300 },
  );
  const lead = data?.lead;
  if (lead && lead.id !== known) setKnown(lead.id);
  useEffect(
    () => feed.follow(deliveriesLive, { webhookId: null }, ({ deliveriesLive: { change } }) => change.leadId === known && refetchSoon()),
    [feed, known, refetchSoon],
  );
  if (!lead) {
    return (
      <div class="page">
        <ErrorNotice error={error} />
        {!loading && !error && (
          <>
            <h1>No lead {parameter}</h1>
            <p>
              It may have been deleted. <Link href="/app/leads">All Leads</Link>
            </p>
          </>
        )}
      </div>
    );
  }
  return (
    <div class="page">
      <LeadHead lead={lead} />
      <ErrorNotice error={error} />
      <div class="lead-columns">
        <div class="stack">
          <LeadFacts lead={lead} />
        </div>
        <div class="stack">
          <section class="panel">
            <h2>Stage history</h2>
            <StageHistory steps={lead.stageHistory.nodes} />
            <Pager label="Stage history" pages={stages} list={lead.stageHistory} />
          </section>
          {lead.events.nodes.length > 0 && (
            <section class="panel">
              <h2>Events</h2>
              <EventList events={lead.events.nodes} />
              <Pager label="Events" pages={events} list={lead.events} />
            </section>
          )}
          <section class="panel">
            <h2>Timeline</h2>
            <Timeline entries={lead.timeline.nodes} />
            <Pager label="Timeline" pages={timeline} list={lead.timeline} />
          </section>
          <section class="panel">
            <h2>Submissions</h2>
            <ol class="timeline">
              {lead.submissions.nodes.map((receipt) => (
                <ReceiptEntry key={receipt.id} receipt={receipt} />
              ))}
            </ol>
            <Pager label="Submissions" pages={submissions} list={lead.submissions} />
          </section>
        </div>
      </div>
    </div>
  );
}

/** A number as links write it; anything else may be an id, and the server says of which lead. */
const toSelector = (name: string): LeadDetailVariables['by'] =>
  /^[1-9]\d*$/.test(name) && Number(name) < 2 ** 31 ? { number: Number(name) } : { id: name };

const isNamed = ({ id, number }: Pick<LeadDetail, 'id' | 'number'>, name: string): boolean => id === name || String(number) === name;

function LeadHead({ lead }: { readonly lead: LeadDetail }) {
  const { canEdit, canAdminister } = useApp();
  const { data } = useQuery(pipelineStages, {});
  const [back, setBack] = useState<Move | null>(null);
  const [deleting, setDeleting] = useState(false);
  const [erasing, setErasing] = useState(false);
  const [cutShort, setCutShort] = useState(false);
  const { busy, problem, run } = useAction();
  const stages = data?.pipeline.stages ?? [];
  const name = leadName(lead);
  useTitle(name);

  function moveTo(to: string): void {
    const move = { leadId: lead.id, name, from: lead.stage.name, to };
    if (isBackward(stages, move)) setBack(move);
    else
      run(
        () => sendMove(move),
        () => {},
      );
  }

  return (
    <>
      <header class="page-head">
        <div>
          <h1>{name}</h1>
          <p class="muted">
            <Link href="/app/leads">All Leads</Link> · lead {lead.number}
          </p>
        </div>
        <div class="actions">
          {canEdit ? (
            <label class="inline stage-choice">
              <span>Stage</span>
              <select value={lead.stage.name} disabled={busy} onChange={(event) => moveTo(event.currentTarget.value)}>
                {(stages.length === 0 ? [lead.stage] : stages).map((stage) => (
                  <option key={stage.name} value={stage.name}>
                    {stage.name}
                  </option>
                ))}
              </select>
            </label>
          ) : (
            <span class="tag">{lead.stage.name}</span>
          )}
          <CopyButton label="Copy as curl" text={toCurl(lead, location.origin, apiKey.get() !== null)} />
          {canAdminister && (
            <button
              type="button"
              class="button small"
              disabled={busy}
              onClick={() =>
                run(
                  () => saveLeadExport(lead),
                  ({ isComplete }) => setCutShort(!isComplete),
                )
              }
            >
              Export
            </button>
          )}
          {canEdit && (
            <button type="button" class="button small danger" onClick={() => setDeleting(true)}>
              Delete
            </button>
          )}
          {canAdminister && (
            <button type="button" class="button small danger" onClick={() => setErasing(true)}>
              Erase person
            </button>
          )}
        </div>
      </header>
      {problem !== null && <Notice kind="problem">{problem}</Notice>}
      {cutShort && <Notice kind="hint">Some list of this lead has more than 10,000 rows: the file holds so many of it.</Notice>}
      {back && <ConfirmMoveBack key={back.to} move={back} onClose={() => setBack(null)} />}
      {erasing && <EraseLead lead={lead} onClose={() => setErasing(false)} onErased={() => go('/app/leads')} />}
      {deleting && <DeleteLead lead={lead} onClose={() => setDeleting(false)} onDeleted={() => go('/app/leads')} />}
    </>
  );
}

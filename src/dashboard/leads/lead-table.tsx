import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import type { LeadRow } from '../documents/leads.ts';
import { useWidth } from '../charts/use-width.ts';
import { Link } from '../router.tsx';
import { useStore } from '../store.ts';
import { formatPercent } from '../ui/numbers.ts';
import { TimeIn, timeZone } from '../ui/time.tsx';
import type { RowLook } from '../ui/row-pool.ts';
import { VirtualRows } from '../ui/virtual-rows.tsx';
import { DeleteLead } from './delete-lead.tsx';
import { leadName, leadPath } from './lead-name.ts';
import { StageTag } from './stage-tag.tsx';
import type { LeadRows } from './use-lead-rows.ts';

const columns = ['Date', 'Name / Email', 'Phone', 'Stage', 'Source', 'Campaign', 'Form %', 'IP', 'Device', 'Actions'] as const;
const rowHeights = { wide: 44, narrow: 68 } as const;
const narrowBelow = 640;
const readAhead = 60;

export function LeadTable({ leads }: { readonly leads: LeadRows }) {
  const { canEdit } = useApp();
  const scroller = useRef<HTMLDivElement | null>(null);
  const [box, width] = useWidth<HTMLDivElement>();
  const [doomed, setDoomed] = useState<LeadRow | null>(null);
  const zone = useStore(timeZone);
  const narrow = width > 0 && width < narrowBelow;
  const look = useMemo<RowLook<LeadRow>>(
    () => ({
      role: 'row',
      class: 'lead-row',
      height: narrow ? rowHeights.narrow : rowHeights.wide,
      // The head is the first.
      firstRowIndex: 2,
      keyOf: ({ id }) => id,
      draw: (lead) => drawCells({ lead, zone, onDelete: canEdit ? setDoomed : null }),
    }),
    [narrow, zone, canEdit],
  );

  useLayoutEffect(() => {
    const { current } = scroller;
    if (current) current.scrollTop = leads.place.scrollTop;
    return () => {
      if (current) leads.place.scrollTop = current.scrollTop;
    };
  }, []);

  return (
    <div class={`lead-table ${narrow ? 'narrow' : ''}`} ref={box}>
      <div
        class="lead-scroll"
        ref={scroller}
        tabindex={0}
        role="table"
        aria-label="All Leads"
        aria-rowcount={leads.complete ? leads.rows.length + 1 : -1}
      >
        <div class="lead-head" role="rowgroup">
          <div class="lead-row" role="row">
            {columns.map((name) => (
              <div key={name} role="columnheader" class={name === 'Form %' ? 'number' : ''}>
                {name}
              </div>
            ))}
          </div>
        </div>
        <VirtualRows box={scroller} rows={leads.rows} look={look} readAhead={readAhead} onNearEnd={leads.loadMore} />
      </div>
      {doomed && <DeleteLead lead={doomed} onClose={() => setDoomed(null)} />}
    </div>
  );
}

interface LeadCellsProps {
  readonly lead: LeadRow;
  readonly zone: string;
  readonly onDelete: ((lead: LeadRow) => void) | null;
}

function drawCells({ lead, zone, onDelete }: LeadCellsProps) {
  const name = leadName(lead);
  return (
    <>
      <div role="cell" class="date">
        <TimeIn at={lead.createdAt} zone={zone} />
      </div>
      <div role="cell" class="who">
        <Link href={leadPath(lead.number)}>{name}</Link>
        {lead.email !== null && lead.email !== name && <span class="muted">{lead.email}</span>}
      </div>
      <div role="cell" class="extra">
        {lead.phone}
      </div>
      <div role="cell" class="stage">
        <StageTag name={lead.stage.name} />
      </div>
      <div role="cell" class="source">
        {lead.sourceName}
      </div>
      <div role="cell" class="extra">
        {lead.campaignName}
      </div>
      <div role="cell" class="extra number">
        {formatPercent(lead.form.completionPercent)}
      </div>
      <div role="cell" class="extra">
        {lead.ipAddress}
      </div>
      <div role="cell" class="extra">
        {lead.deviceType}
      </div>
      <div role="cell" class="lead-actions">
        {onDelete && (
          <button type="button" class="button quiet small danger" aria-label={`Delete ${name}`} onClick={() => onDelete(lead)}>
            Delete
          </button>
        )}
      </div>
    </>
  );
}

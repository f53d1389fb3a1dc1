import { useState } from 'preact/hooks';
import { BarList } from '../charts/bar-list.tsx';
import type { Analytics, Breakdown } from '../documents/analytics.ts';
import { type Counted, leadsPath } from '../leads/list-filter.ts';
import { Link } from '../router.tsx';
import { formatCount, formatMoney, formatPercent } from '../ui/numbers.ts';

const shown = 10;

const kinds = [
  { name: 'Sources', title: 'Top Sources', head: 'Source', rows: (numbers: Analytics) => numbers.bySource, parameter: 'source' },
  { name: 'Campaigns', title: 'Top Campaigns', head: 'Campaign', rows: (numbers: Analytics) => numbers.byCampaign, parameter: 'campaign' },
  { name: 'Devices', title: 'Devices', head: 'Device', rows: (numbers: Analytics) => numbers.byDevice, parameter: 'device' },
] as const;

/** Where leads and money come from. */
export function Breakdowns({ numbers, counted }: { readonly numbers: Analytics | null; readonly counted: Counted }) {
  const [chosen, setChosen] = useState<(typeof kinds)[number]>(kinds[0]);
  return (
    <section class="panel" aria-labelledby="breakdown">
      <div class="panel-head">
        <h2 id="breakdown">{chosen.title}</h2>
        <div class="segments" role="group" aria-label="Grouped by">
          {kinds.map((kind) => (
            <button key={kind.name} type="button" aria-pressed={kind === chosen} onClick={() => setChosen(kind)}>
              {kind.name}
            </button>
          ))}
        </div>
      </div>
      <div class="tall">
        {numbers && (
          <BarList
            title={chosen.title}
            head={[chosen.head, 'Leads', 'Conv.', 'Rate', 'Revenue', 'Profit']}
            rows={toRows(chosen.rows(numbers), chosen.parameter, counted)}
            empty="No leads in this range."
          />
        )}
      </div>
    </section>
  );
}

function toRows(rows: readonly Breakdown[], parameter: string, counted: Counted) {
  const most = Math.max(1, ...rows.map(({ leads }) => leads));
  return rows.slice(0, shown).map(({ key, leads, conversions, conversionRate, revenue, profit }) => ({
    key: key ?? '',
    label: key === null ? <span class="muted">not known</span> : <Link href={leadsPath({ ...counted, [parameter]: key })}>{key}</Link>,
    share: leads / most,
    cells: [formatCount(leads), formatCount(conversions), formatPercent(conversionRate), formatMoney(revenue), formatMoney(profit)],
  }));
}

import { useMemo } from 'preact/hooks';
import { BarList } from '../charts/bar-list.tsx';
import { DayBars } from '../charts/day-bars.tsx';
import type { Analytics } from '../documents/analytics.ts';
import { leadRows } from '../documents/leads.ts';
import { useQuery } from '../graph/use-query.ts';
import { LatestLeads } from '../leads/latest-leads.tsx';
import { type Counted, leadsPath } from '../leads/list-filter.ts';
import { Breakdowns } from '../overview/breakdowns.tsx';
import { rangeOf } from '../overview/day-range.ts';
import { OverviewFilters } from '../overview/overview-filters.tsx';
import { useAnalytics } from '../overview/use-analytics.ts';
import { Link, useSearch } from '../router.tsx';
import { useStore } from '../store.ts';
import { ErrorNotice } from '../ui/notice.tsx';
import { formatCount, formatDuration, formatMoney, formatPercent, formatShort, formatShortMoney } from '../ui/numbers.ts';
import { timeZone, validZone } from '../ui/time.tsx';
import { FirstStart } from '../overview/first-start.tsx';

const newestLead = { first: 1, after: null, filter: {}, orderBy: 'NEWEST' } as const;

export function Overview() {
  const [params, change] = useSearch();
  const preferred = useStore(timeZone);
  const zone = validZone(params.get('tz')) ?? preferred;
  const range = rangeOf(params, zone);
  const source = params.get('source');
  const campaign = params.get('campaign');
  const filter = useMemo(() => ({ ...(source && { source: [source] }), ...(campaign && { campaign: [campaign] }) }), [source, campaign]);
  const { numbers, error } = useAnalytics({ range: { from: range.from, to: range.to }, timeZone: zone, filter });
  const counted = { from: range.from, to: range.to, source, campaign };
  const isEmpty = useIsEmpty(numbers);
  if (isEmpty) return <FirstStart />;
  return (
    <div class="page overview">
      <header class="page-head">
        <h1>Overview</h1>
        <OverviewFilters
          params={params}
          change={change}
          range={range}
          zone={zone}
          sources={keysOf(numbers?.bySource)}
          campaigns={keysOf(numbers?.byCampaign)}
        />
      </header>
      <ErrorNotice error={error} />
      <Cards overview={numbers?.overview} />
      <div class="columns">
        <section class="panel" aria-labelledby="funnel">
          <div class="panel-head same-height">
            <h2 id="funnel">Pipeline Funnel</h2>
          </div>
          <div class="tall">{numbers && <Funnel funnel={numbers.funnel} counted={counted} />}</div>
        </section>
        <Breakdowns numbers={numbers} counted={counted} />
      </div>
      <section class="panel" aria-labelledby="days">
        <h2 id="days">New Leads ({range.label})</h2>
        <DayBars title={`New leads, ${range.label}`} days={numbers?.newLeads ?? []} />
      </section>
      <section class="panel" aria-labelledby="latest">
        <h2 id="latest">Latest activity</h2>
        <LatestLeads />
      </section>
      {/* Not every account has any: it comes in below what stands there already. */}
      {numbers && numbers.events.length > 0 && <Events events={numbers.events} />}
    </div>
  );
}

const keysOf = (rows: Analytics['bySource'] = []): readonly string[] => rows.flatMap(({ key }) => (key === null ? [] : [key]));

/** Whether the account has no lead at all, not only none in the range. */
function useIsEmpty(numbers: Analytics | null): boolean {
  const none = numbers !== null && numbers.overview.totalLeads === 0;
  const { data } = useQuery(leadRows, newestLead, { isAffected: ({ type }) => none && type === 'lead.created', everyMs: 200 });
  return none && data !== null && data.leads.nodes.length === 0;
}

function Cards({ overview }: { readonly overview: Analytics['overview'] | undefined }) {
  const cards: readonly (readonly [name: string, value: string | undefined, exactly?: string | undefined])[] = [
    ['Leads today', overview && formatShort(overview.newToday)],
    ['Last 7 days', overview && formatShort(overview.newLast7Days)],
    ['Conversions', overview && formatShort(overview.conversions)],
    ['Conversion rate', overview && formatPercent(overview.conversionRate)],
    ['Revenue', overview && formatShortMoney(overview.revenue), overview && formatMoney(overview.revenue)],
    ['Profit', overview && formatShortMoney(overview.profit), overview && formatMoney(overview.profit)],
  ];
  return (
    <dl class="cards">
      {cards.map(([name, value, exactly]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd title={exactly}>{value ?? '\u00a0'}</dd>
        </div>
      ))}
    </dl>
  );
}

function Funnel({ funnel, counted }: Pick<Analytics, 'funnel'> & { readonly counted: Counted }) {
  const rows = funnel.map(({ stage, count, percent, conversionFromPrevious, medianSecondsToNext }) => ({
    key: stage,
    label: <Link href={leadsPath({ ...counted, stage })}>{stage}</Link>,
    share: percent / 100,
    cells: [
      formatCount(count),
      formatPercent(percent),
      formatPercent(conversionFromPrevious),
      medianSecondsToNext === null ? '–' : formatDuration(medianSecondsToNext),
    ],
  }));
  return (
    <BarList
      title="Pipeline Funnel"
      head={['Stage', 'Now', 'Reached', 'Of previous', 'Median stay']}
      rows={rows}
      empty="The pipeline has no stages."
    />
  );
}

function Events({ events }: Pick<Analytics, 'events'>) {
  const most = Math.max(1, ...events.map(({ count }) => count));
  const rows = events.map(({ eventId, count, conversions, revenue }) => ({
    key: eventId,
    label: eventId,
    share: count / most,
    cells: [formatCount(count), formatCount(conversions), formatMoney(revenue)],
  }));
  return (
    <section class="panel" aria-labelledby="events">
      <h2 id="events">Events</h2>
      <BarList title="Events" head={['Event', 'Fired', 'Conversions', 'Revenue']} rows={rows} empty="" />
    </section>
  );
}

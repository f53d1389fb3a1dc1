import { BarList } from '../charts/bar-list.tsx';
import { DayBars } from '../charts/day-bars.tsx';
import { type PipelineReport, pipelineReport } from '../documents/overview.ts';
import { useQuery } from '../graph/use-query.ts';
import { LatestLeads } from '../leads/latest-leads.tsx';
import { Link } from '../router.tsx';
import { Notice } from '../ui/notice.tsx';
import { formatCount, formatPercent, formatShort } from '../ui/numbers.ts';
import { FirstStart } from './first-start.tsx';

const everything = (): boolean => true;

export function Overview() {
  const { data, error } = useQuery(pipelineReport, {}, { isAffected: everything });
  const report = data?.pipelineReport;
  if (report?.overview.totalLeads === 0) return <FirstStart />;
  return (
    <div class="page overview">
      <header class="page-head">
        <h1>Overview</h1>
        <p class="muted">Days are those of UTC.</p>
      </header>
      {error && <Notice kind="problem">{error.message}</Notice>}
      <Cards overview={report?.overview} />
      <div class="columns">
        <section class="panel" aria-labelledby="funnel">
          <h2 id="funnel">Pipeline Funnel</h2>
          <div class="tall">{report && <Funnel funnel={report.funnel} />}</div>
        </section>
        <section class="panel" aria-labelledby="sources">
          <h2 id="sources">Top Sources</h2>
          <div class="tall">{report && <Sources sources={report.topSources} />}</div>
        </section>
      </div>
      <section class="panel" aria-labelledby="days">
        <h2 id="days">New Leads (Last 30 Days)</h2>
        <DayBars title="New leads of the last 30 days" days={report?.newLeads30d ?? []} />
      </section>
      <section class="panel" aria-labelledby="latest">
        <h2 id="latest">Latest activity</h2>
        <LatestLeads />
      </section>
    </div>
  );
}

function Cards({ overview }: { readonly overview: PipelineReport['overview'] | undefined }) {
  const cards: readonly (readonly [string, string | undefined])[] = [
    ['Leads', overview && formatShort(overview.totalLeads)],
    ['Today', overview && formatShort(overview.newToday)],
    ['Last 7 days', overview && formatShort(overview.newLast7Days)],
    ['Paid', overview && formatShort(overview.paid)],
    ['Conversion rate', overview && formatPercent(overview.conversionRate)],
    ['Form completion', overview && formatPercent(overview.averageFormCompletion)],
  ];
  return (
    <dl class="cards">
      {cards.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value ?? '\u00a0'}</dd>
        </div>
      ))}
    </dl>
  );
}

function Funnel({ funnel }: Pick<PipelineReport, 'funnel'>) {
  const rows = funnel.map(({ stage, count, percent }) => ({
    key: stage,
    label: <Link href={`/app/leads?stage=${encodeURIComponent(stage)}`}>{stage}</Link>,
    share: percent / 100,
    cells: [formatCount(count), formatPercent(percent)],
  }));
  return <BarList title="Pipeline Funnel" head={['Stage', 'Now', 'Reached']} rows={rows} empty="The pipeline has no stages." />;
}

function Sources({ sources }: { readonly sources: PipelineReport['topSources'] }) {
  const most = Math.max(1, ...sources.map(({ count }) => count));
  const rows = sources.map(({ source, count, paid }) => ({
    key: source ?? '',
    label:
      source === null ? (
        <span class="muted">not known</span>
      ) : (
        <Link href={`/app/leads?source=${encodeURIComponent(source)}`}>{source}</Link>
      ),
    share: count / most,
    cells: [formatCount(count), formatCount(paid)],
  }));
  return <BarList title="Top Sources" head={['Source', 'Leads', 'Paid']} rows={rows} empty="No leads yet." />;
}

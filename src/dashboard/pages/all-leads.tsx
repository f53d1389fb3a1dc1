import { Fragment } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { leadCount, type LeadFilter, type LeadOrder } from '../documents/leads.ts';
import { pipelineStages } from '../documents/session.ts';
import { useQuery } from '../graph/use-query.ts';
import { ExportButton } from '../leads/export-button.tsx';
import { LeadTable } from '../leads/lead-table.tsx';
import { useKeptLeadRows } from '../leads/use-lead-rows.ts';
import { filterNames, toFilter } from '../leads/list-filter.ts';
import { type ChangeSearch, useSearch } from '../router.tsx';
import { useStore } from '../store.ts';
import { ErrorNotice } from '../ui/notice.tsx';
import { formatCount } from '../ui/numbers.ts';
import { timeZone } from '../ui/time.tsx';

const orders: readonly (readonly [LeadOrder, string])[] = [
  ['NEWEST', 'Newest'],
  ['OLDEST', 'Oldest'],
  ['RECENTLY_UPDATED', 'Last changed'],
  ['STAGE', 'By stage'],
];
const typingMs = 250;
const countEveryMs = 3000;

export function AllLeads() {
  const [params, change] = useSearch();
  const filter = toFilter(params, useStore(timeZone));
  const orderBy = orders.find(([order]) => order === params.get('order'))?.[0] ?? 'NEWEST';
  const { data } = useQuery(leadCount, { filter }, { isAffected: ({ type }) => type !== 'submission.received', everyMs: countEveryMs });
  const isFiltered = filterNames.some((name) => params.has(name));
  const [clearings, setClearings] = useState(0);
  const clear = (): void => {
    change(Object.fromEntries(filterNames.map((name) => [name, null])));
    setClearings(clearings + 1);
  };

  return (
    <div class="page full">
      <header class="page-head">
        <h1>All Leads</h1>
        <div class="actions">
          {isFiltered && (
            <button type="button" class="button quiet" onClick={clear}>
              Clear filters
            </button>
          )}
          <span class="muted" role="status">
            {data ? `${data.leads.totalCountIsExact ? '' : 'about '}${formatCount(data.leads.totalCount)} leads` : ''}
          </span>
          <ExportButton filter={filter} orderBy={orderBy} total={data?.leads.totalCount ?? null} />
        </div>
      </header>
      <Filters params={params} change={change} orderBy={orderBy} clearings={clearings} />
      <LeadList filter={filter} orderBy={orderBy} isFiltered={isFiltered} />
    </div>
  );
}

interface LeadListProps {
  readonly filter: LeadFilter;
  readonly orderBy: LeadOrder;
  readonly isFiltered: boolean;
}

/** Many changes a second draw the list again, and nothing around it. */
function LeadList({ filter, orderBy, isFiltered }: LeadListProps) {
  const leads = useKeptLeadRows(filter, orderBy);
  return (
    <>
      <ErrorNotice error={leads.error} />
      <LeadTable key={JSON.stringify([filter, orderBy])} leads={leads} />
      {leads.rows.length === 0 && !leads.loading && !leads.error && (
        <p class="muted empty-list">{isFiltered ? 'No lead matches these filters.' : 'No leads yet.'}</p>
      )}
    </>
  );
}

interface FiltersProps {
  readonly params: URLSearchParams;
  readonly change: ChangeSearch;
  readonly orderBy: LeadOrder;
  /** How often the filters were cleared: each time the fields begin anew, so that what is typed but not yet sent is gone too. */
  readonly clearings: number;
}

function Filters({ params, change, orderBy, clearings }: FiltersProps) {
  const { data } = useQuery(pipelineStages, {});
  const stages = data?.pipeline.stages ?? [];
  const [more, setMore] = useState(false);
  return (
    <form class={`filters ${more ? 'more' : ''}`} role="search" onSubmit={(event) => event.preventDefault()}>
      <Fragment key={clearings}>
        <TypedFilter name="search" label="Search" placeholder="Name, email, phone…" params={params} change={change} type="search" />
        <Choice name="stage" label="Stage" any="Any" options={stages.map(({ name }) => [name, name])} params={params} change={change} />
        <TypedFilter name="source" label="Source" placeholder="Any" params={params} change={change} />
        <TypedFilter name="campaign" label="Campaign" placeholder="Any" params={params} change={change} />
        <Choice
          name="device"
          label="Device"
          any="Any"
          options={['desktop', 'mobile', 'tablet'].map((name) => [name, name])}
          params={params}
          change={change}
        />
        <TypedFilter name="from" label="From" placeholder="" params={params} change={change} type="date" />
        <TypedFilter name="to" label="To" placeholder="" params={params} change={change} type="date" />
      </Fragment>
      <label>
        <span>Order</span>
        <select value={orderBy} onChange={(event) => change({ order: event.currentTarget.value })}>
          {orders.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {/* Small screens begin with the filters that are used most. */}
      <button type="button" class="button quiet more-button" aria-expanded={more} onClick={() => setMore(!more)}>
        {more ? 'Fewer filters' : 'More filters'}
      </button>
    </form>
  );
}

interface FilterProps extends Pick<FiltersProps, 'params' | 'change'> {
  readonly name: (typeof filterNames)[number];
  readonly label: string;
}

/** Goes into the address when the typing pauses. */
function TypedFilter({
  name,
  label,
  placeholder,
  params,
  change,
  type = 'text',
}: FilterProps & { readonly placeholder: string; readonly type?: 'text' | 'search' | 'date' }) {
  const given = params.get(name) ?? '';
  const [typed, setTyped] = useState(given);
  const sent = useRef(given);
  useEffect(() => {
    // What comes back from here is no news: more may have been typed meanwhile.
    if (given === sent.current) return;
    sent.current = given;
    setTyped(given);
  }, [given]);
  useEffect(() => {
    const text = typed.trim();
    if (text === sent.current || (type === 'date' && isHalfTyped(text))) return undefined;
    const timer = setTimeout(() => {
      sent.current = text;
      // A word that is still being written is one step of the way back, not one a pause.
      change({ [name]: text }, { replace: given !== '' });
    }, typingMs);
    return () => clearTimeout(timer);
  }, [typed]);
  const common = { name, placeholder, value: typed, onInput: (event: InputEvent) => setTyped(valueOf(event)) };
  return (
    <label class={name}>
      <span>{label}</span>
      {type === 'date' ? (
        <input type="date" {...common} />
      ) : type === 'search' ? (
        <input type="search" {...common} />
      ) : (
        <input type="text" {...common} />
      )}
    </label>
  );
}

/** On the way to 2026 a browser gives the years 2, 20 and 202. */
const isHalfTyped = (day: string): boolean => day.startsWith('0');

const valueOf = ({ target }: Event): string => (target instanceof HTMLInputElement ? target.value : '');

function Choice({
  name,
  label,
  any,
  options,
  params,
  change,
}: FilterProps & { readonly any: string; readonly options: readonly (readonly string[])[] }) {
  const given = params.get(name) ?? '';
  return (
    <label class={name}>
      <span>{label}</span>
      <select value={given} onChange={(event) => change({ [name]: event.currentTarget.value })}>
        <option value="">{any}</option>
        {[
          ...new Map([
            ...options.map(([value = '']) => [value, value] as const),
            ...(given === '' ? [] : [[given, given] as const]),
          ]).keys(),
        ].map((value) => (
          <option key={value} value={value}>
            {value}
          </option>
        ))}
      </select>
    </label>
  );
}

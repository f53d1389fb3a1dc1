import type { ChangeSearch } from '../router.tsx';
import { chooseZone, localZone } from '../ui/time.tsx';
import { type DayRange, type RangeName, ranges } from './day-range.ts';

interface OverviewFiltersProps {
  readonly params: URLSearchParams;
  readonly change: ChangeSearch;
  readonly range: DayRange & { readonly name: RangeName };
  readonly zone: string;
  readonly sources: readonly string[];
  readonly campaigns: readonly string[];
}

const zones = (): readonly string[] => [...new Set(['UTC', localZone, ...Intl.supportedValuesOf('timeZone')])];

export function OverviewFilters({ params, change, range, zone, sources, campaigns }: OverviewFiltersProps) {
  const custom = range.name === 'custom';
  return (
    <form class="filters" aria-label="What is counted" onSubmit={(event) => event.preventDefault()}>
      <label>
        <span>Range</span>
        <select
          value={range.name}
          onChange={({ currentTarget: { value } }) =>
            change(value === 'custom' ? { range: null, from: range.from, to: range.to } : { range: value, from: null, to: null })
          }
        >
          {ranges.map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
          <option value="custom">Custom</option>
        </select>
      </label>
      {custom && (
        <>
          <DayField label="From" value={range.from} onChange={(from) => change({ from, to: range.to < from ? from : range.to })} />
          <DayField label="To" value={range.to} onChange={(to) => change({ to, from: to < range.from ? to : range.from })} />
        </>
      )}
      <label>
        <span>Time zone</span>
        <select
          value={zone}
          onChange={({ currentTarget: { value } }) => {
            chooseZone(value);
            change({ tz: value });
          }}
        >
          {zones().map((name) => (
            <option key={name} value={name}>
              {name.replaceAll('_', ' ')}
            </option>
          ))}
        </select>
      </label>
      <Choice name="source" label="Source" options={sources} params={params} change={change} />
      <Choice name="campaign" label="Campaign" options={campaigns} params={params} change={change} />
    </form>
  );
}

function DayField({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (day: string) => void;
}) {
  return (
    <label>
      <span>{label}</span>
      <input type="date" value={value} onChange={(event) => event.currentTarget.value !== '' && onChange(event.currentTarget.value)} />
    </label>
  );
}

interface ChoiceProps extends Pick<OverviewFiltersProps, 'params' | 'change'> {
  readonly name: string;
  readonly label: string;
  readonly options: readonly string[];
}

function Choice({ name, label, options, params, change }: ChoiceProps) {
  const given = params.get(name) ?? '';
  return (
    <label>
      <span>{label}</span>
      <select value={given} onChange={(event) => change({ [name]: event.currentTarget.value })}>
        <option value="">All</option>
        {[...new Set([...(given === '' ? [] : [given]), ...options])].map((value) => (
          <option key={value} value={value}>
            {value}
          </option>
        ))}
      </select>
    </label>
  );
}

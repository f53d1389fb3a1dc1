import { listOf, textOrNull, tickedOf } from '../ui/form-values.ts';

export type Filter = Readonly<Record<string, unknown>>;

/** The fields of the filter that hold several texts. */
export const lists: readonly (readonly [name: string, label: string])[] = [
  ['source', 'Sources'],
  ['campaign', 'Campaigns'],
  ['domain', 'Domains'],
  ['deviceType', 'Devices'],
  ['tags', 'Tags'],
];
export const stageField = 'filter.stage';
export const eventField = 'filter.hasEvent';
const shownNames: readonly string[] = ['stage', 'hasEvent', ...lists.map(([name]) => name)];

/** What the fields say, with what they cannot show of the former filter. */
export function filterFrom(data: FormData, former: Filter): Filter {
  const shown: readonly (readonly [string, unknown])[] = [
    ['stage', tickedOf(data, stageField)],
    ['hasEvent', textOrNull(data, eventField)],
    ...lists.map(([name]) => [name, listOf(data, `filter.${name}`)] as const),
  ];
  return Object.fromEntries([...othersOf(former), ...shown.filter(([, value]) => isSet(value))]);
}

/** In a few words; null: it is told of all leads. */
export function filterText(filter: Filter): string | null {
  const parts = Object.entries(filter)
    .filter(([, value]) => isSet(value))
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(' or ') : String(value)}`);
  return parts.length === 0 ? null : parts.join(', ');
}

const isSet = (value: unknown): boolean => value != null && !(Array.isArray(value) && value.length === 0);
export const isRestricting = (filter: Filter): boolean => Object.values(filter).some(isSet);
export const listed = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []);

/** What the form has no field for. */
export const othersOf = (filter: Filter): readonly (readonly [string, unknown])[] =>
  Object.entries(filter).filter(([name, value]) => isSet(value) && !shownNames.includes(name));

import type { LeadFilter } from '../documents/leads.ts';
import { endOfDay, startOfDay } from '../ui/day.ts';

/** What the address of a list may hold. */
export const filterNames = ['search', 'stage', 'source', 'campaign', 'device', 'from', 'to'] as const;

/** Which leads a page counts: a link to their list carries it, so that the list has as many. */
export type Counted = Readonly<Partial<Record<(typeof filterNames)[number], string | null>>>;

export function leadsPath(counted: Counted): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(counted)) if (value) params.set(name, value);
  return `/app/leads?${params.toString()}`;
}

/** The filter of an address. Its days begin and end in the zone in which times are shown. */
export function toFilter(params: URLSearchParams, zone: string): LeadFilter {
  const list = (name: string) => (params.get(name) ? [params.get(name) ?? ''] : undefined);
  const filter: Record<keyof LeadFilter, LeadFilter[keyof LeadFilter] | undefined> = {
    search: params.get('search') ?? undefined,
    stage: list('stage'),
    source: list('source'),
    campaign: list('campaign'),
    deviceType: list('device'),
    createdFrom: startOfDay(params.get('from') ?? '', zone)?.toISOString(),
    createdTo: endOfDay(params.get('to') ?? '', zone)?.toISOString(),
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

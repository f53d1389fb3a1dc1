import type { LeadFilter, LeadRow } from '../documents/leads.ts';

/** Whether a lead belongs into a filtered list; null: only the server can tell, because it searches words. */
export function matches(filter: LeadFilter, lead: LeadRow): boolean | null {
  const named =
    isOneOf(filter.stage?.map(toStageKey), toStageKey(lead.stage.name)) &&
    isOneOf(filter.source, lead.sourceName) &&
    isOneOf(filter.campaign, lead.campaignName) &&
    isOneOf(filter.deviceType, lead.deviceType) &&
    (filter.createdFrom === undefined || Date.parse(lead.createdAt) >= Date.parse(filter.createdFrom)) &&
    (filter.createdTo === undefined || Date.parse(lead.createdAt) <= Date.parse(filter.createdTo));
  if (!named) return false;
  return filter.search === undefined ? true : null;
}

const isOneOf = (wanted: readonly string[] | undefined, value: string | null): boolean =>
  !wanted?.length || (value !== null && wanted.includes(value));

/** As the server finds a stage: whatever its case and spacing. Everything else it takes as it is written. */
const toStageKey = (name: string): string => name.trim().replace(/\s+/g, ' ').toLowerCase();

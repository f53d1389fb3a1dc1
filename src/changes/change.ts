import type { Change } from '../../prisma/generated/client/client.ts';

/** Which changes a reader wants. Fields combine with "and", the values of one field with "or"; an absent or empty one restricts nothing. */
export interface ChangeFilter {
  readonly types?: readonly string[] | null | undefined;
  readonly leadId?: string | null | undefined;
  readonly stage?: readonly string[] | null | undefined;
  readonly source?: readonly string[] | null | undefined;
  readonly campaign?: readonly string[] | null | undefined;
}

/** Whether a change is wanted, judged by the lead as it stood right after the change. `findChanges` says the same in SQL. */
export function matchesFilter(filter: ChangeFilter, change: Pick<Change, 'type' | 'leadId' | 'data'>): boolean {
  const { types, leadId, stage, source, campaign } = filter;
  if (types?.length && !types.includes(change.type)) return false;
  if (leadId && leadId !== change.leadId) return false;
  return isOneOf(stage, change, 'stage') && isOneOf(source, change, 'sourceName') && isOneOf(campaign, change, 'campaignName');
}

function isOneOf(wanted: readonly string[] | null | undefined, { data }: Pick<Change, 'data'>, field: string): boolean {
  if (!wanted?.length) return true;
  const value = property(property(data, 'lead'), field);
  return typeof value === 'string' && wanted.includes(value);
}

const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;

import type { Change } from '../../prisma/generated/client/client.ts';

/** A person's data were erased. It carries ids and what the numbers count only. */
export const leadErased = 'lead.erased';

/** Which changes a reader wants. Fields combine with "and", the values of one field with "or"; an absent or empty one restricts nothing. */
export interface ChangeFilter {
  readonly types?: readonly string[] | null | undefined;
  readonly leadId?: string | null | undefined;
  readonly stage?: readonly string[] | null | undefined;
  readonly source?: readonly string[] | null | undefined;
  readonly campaign?: readonly string[] | null | undefined;
}

/** What a change does to the view of the leads that a filter makes. */
export type ChangeView = 'IN_VIEW' | 'REMOVED_FROM_VIEW';

/**
 * IN_VIEW: the change is wanted, judged by the lead as it stood right after it; `findChanges` says the same in SQL. REMOVED_FROM_VIEW: it would have
 * been wanted, had it left the lead as it was, or the lead was erased. Null: the reader has nothing to do with it.
 */
export function viewOf(filter: ChangeFilter, change: Pick<Change, 'type' | 'leadId' | 'data' | 'previous'>): ChangeView | null {
  if (!isAskedFor(filter, change)) return null;
  if (isInView(filter, leadAfter(change))) return 'IN_VIEW';
  // Nothing is left that says where it had been.
  if (change.type === leadErased) return 'REMOVED_FROM_VIEW';
  return change.previous !== null && isInView(filter, leadBefore(change)) ? 'REMOVED_FROM_VIEW' : null;
}

type Field = 'stage' | 'sourceName' | 'campaignName';
type FieldOf = (field: Field) => unknown;

const isAskedFor = ({ types, leadId }: ChangeFilter, change: Pick<Change, 'type' | 'leadId'>): boolean =>
  (!types?.length || types.includes(change.type)) && (!leadId || leadId === change.leadId);

const isInView = ({ stage, source, campaign }: ChangeFilter, lead: FieldOf): boolean =>
  isOneOf(stage, lead('stage')) && isOneOf(source, lead('sourceName')) && isOneOf(campaign, lead('campaignName'));

const isOneOf = (wanted: readonly string[] | null | undefined, value: unknown): boolean =>
  !wanted?.length || (typeof value === 'string' && wanted.includes(value));

const leadAfter =
  ({ data }: Pick<Change, 'data'>): FieldOf =>
  (field) =>
    property(property(data, 'lead'), field);

function leadBefore(change: Pick<Change, 'data' | 'previous'>): FieldOf {
  const after = leadAfter(change);
  return (field) => {
    const former = property(change.previous, field);
    return former === undefined ? after(field) : former;
  };
}

const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;

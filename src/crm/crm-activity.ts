import type { CrmActivity } from '../../prisma/generated/client/client.ts';
import { parseInstant } from '../platform/instant.ts';
import { toStorable } from '../platform/text.ts';

/** What the CRM reported of a lead, with the payload as the text that came. */
export type CrmActivityRow = Omit<CrmActivity, 'payload'> & { readonly payload: string };

const maxWordLength = 255;

/** The documented default of `event_type`. */
const defaultEventType = 'updated';

/** What kind of event the CRM names; nothing it sends here is a reason to refuse. */
export const toEventType = (value: unknown): string => toWord(value) ?? defaultEventType;

/** The status that a payload carries, for summaries; null when it has none. */
export const statusOf = (payload: Readonly<Record<string, unknown>>): string | null => toWord(own(payload, 'status'));

/** How far a CRM's clock may be ahead of ours before its word no longer counts. */
const clockSkewMs = 5 * 60_000;
/** Earlier times are the zero of somebody's calendar, not the time of an event. */
const earliest = Date.UTC(1990, 0, 1);

/** When it happened: what `updated_at` says, if that can be; otherwise when we heard of it. */
export function occurredAtOf(payload: Readonly<Record<string, unknown>>, receivedAt: Date): Date {
  const said = own(payload, 'updated_at');
  const instant = typeof said === 'string' ? parseInstant(said.trim()) : null;
  const isSane = instant !== null && instant.getTime() >= earliest && instant.getTime() <= receivedAt.getTime() + clockSkewMs;
  return isSane ? instant : receivedAt;
}

/** `status_changed` and `qualified` become "CRM: status changed, qualified". */
export function summarise({ eventType, status }: Pick<CrmActivity, 'eventType' | 'status'>): string {
  const words = eventType.replaceAll(/[_.-]+/g, ' ').trim() || eventType;
  return `CRM: ${words}${status === null ? '' : `, ${status}`}`;
}

const own = (payload: Readonly<Record<string, unknown>>, key: string): unknown => (Object.hasOwn(payload, key) ? payload[key] : undefined);

function toWord(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : value;
  const word = typeof text === 'string' ? toStorable(text.trim().slice(0, maxWordLength)).value : '';
  return word === '' ? null : word;
}

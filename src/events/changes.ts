import type { EventType, Lead, LeadEvent, Prisma } from '../../prisma/generated/client/client.ts';
import type { Cause } from '../leads/changes.ts';
import type { NewChange } from '../writes/draft.ts';

/** An event with its money and whatever it changed of the lead: one entry of the log. */
export function eventFired(
  lead: Lead,
  event: LeadEvent,
  { eventId, name }: EventType,
  previous: Prisma.InputJsonObject,
  cause: Cause,
): NewChange {
  const { id, isConversion, revenue, payout, pid } = event;
  const changed = Object.keys(previous).length > 0;
  return {
    ...cause,
    type: isConversion ? 'event.converted' : 'event.fired',
    lead,
    summary: isConversion ? `Converted: ${name}, revenue ${(revenue ?? 0).toFixed()}` : `Event: ${name}`,
    details: {
      leadEvent: {
        id,
        eventId,
        isConversion,
        revenue: revenue && revenue.toFixed(),
        payout: payout && payout.toFixed(),
        pid,
        details: event.details as Prisma.InputJsonValue,
      },
    },
    ...(changed && { previous }),
    leadEventId: id,
  };
}

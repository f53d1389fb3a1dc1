import type { Db } from '../platform/database.ts';
import { newUuid } from '../platform/ids.ts';
import { type CampaignEventInput, toStoredPayout } from './campaign-input.ts';

type Transaction = Parameters<Parameters<Db['$transaction']>[0]>[0];

/**
 * Makes these the events of a campaign, in place of those it had. An event id that the account does not have yet becomes an event type of
 * it, with the settings given here.
 */
export async function pickEvents(
  tx: Transaction,
  accountId: string,
  campaignId: string,
  events: readonly CampaignEventInput[],
): Promise<void> {
  await tx.eventType.createMany({
    data: events.map((event) => ({
      id: newUuid(),
      accountId,
      eventId: event.eventId,
      name: event.eventId,
      isConversion: event.isConversion ?? false,
      allowRepeats: event.allowRepeats ?? false,
      ...toStoredPayout(event.payout),
    })),
    skipDuplicates: true,
  });
  const types = await tx.eventType.findMany({ where: { accountId, eventId: { in: events.map((event) => event.eventId) } } });
  const ids = new Map(types.map((type) => [type.eventId, type.id]));
  await tx.campaignEvent.deleteMany({ where: { campaignId } });
  await tx.campaignEvent.createMany({
    data: events.flatMap((event, position) => {
      const eventTypeId = ids.get(event.eventId);
      if (eventTypeId === undefined) return [];
      const { enabled, isConversion, allowRepeats, payout } = event;
      return [
        {
          campaignId,
          eventTypeId,
          position,
          enabled: enabled ?? true,
          isConversion: isConversion ?? null,
          allowRepeats: allowRepeats ?? null,
          ...toStoredPayout(payout),
        },
      ];
    }),
  });
}

/** Together under the 2.5 s in which a caller is promised an answer. */
export const patience = { maxWait: 1000, timeout: 1200 };

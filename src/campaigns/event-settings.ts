import type { CampaignEvent, EventType } from '../../prisma/generated/client/client.ts';
import { type Payout, toPayout } from './payout.ts';

/** How an event behaves in a campaign, or in the account where no campaign is known. */
export interface EventSettings {
  readonly eventType: EventType;
  readonly enabled: boolean;
  readonly isConversion: boolean;
  readonly allowRepeats: boolean;
  readonly payout: Payout | null;
}

/** An event type as it stands, or with what a campaign sets differently. */
export function toSettings(eventType: EventType, override?: CampaignEvent): EventSettings {
  return {
    eventType,
    enabled: override?.enabled ?? true,
    isConversion: override?.isConversion ?? eventType.isConversion,
    allowRepeats: override?.allowRepeats ?? eventType.allowRepeats,
    payout: (override && toPayout(override)) ?? toPayout(eventType),
  };
}

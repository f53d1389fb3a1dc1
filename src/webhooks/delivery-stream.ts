import type { FeedMember } from '../live/hub.ts';
import type { DeliveryFeed, DeliveryRef } from './delivery-feed.ts';

/** Deliveries that wait to be shown; more than that and the oldest are left out: the list of deliveries has them all. */
const mostWaiting = 5000;

/** Deliveries whose state changed, each by its latest state: one that changes again before it was taken is shown once. */
export function joinDeliveries(feed: DeliveryFeed, accountId: string, webhookId: string | null, wake: () => void): FeedMember<DeliveryRef> {
  const waiting = new Map<string, DeliveryRef>();
  let taken = 0;
  const { release } = feed.watch(accountId, (delivery) => {
    if (webhookId !== null && delivery.webhookId !== webhookId) return;
    waiting.delete(delivery.id);
    waiting.set(delivery.id, delivery);
    const [oldest] = waiting.keys();
    if (waiting.size > mostWaiting && oldest !== undefined) waiting.delete(oldest);
    wake();
  });
  return {
    get position() {
      return taken;
    },
    get behind() {
      return waiting.size;
    },
    async take() {
      const [next] = waiting.values();
      if (!next) return null;
      waiting.delete(next.id);
      taken += 1;
      return next;
    },
    heartbeat: () => null,
    rest: () => undefined,
    nameOf: (delivery) => delivery,
    release,
  };
}

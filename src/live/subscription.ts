import { authorize } from '../auth/policy.ts';
import type { Context } from '../context.ts';
import type { Subscriber } from './hub.ts';
import type { Delivery } from './stream.ts';

/** Throws the reason with which a stream ended, so that it reaches the client as the last message's error. */
export function itemOf<Item>(delivery: Delivery<Item>): Item {
  if ('ended' in delivery) throw delivery.ended;
  return delivery.item;
}

export function subscriberOf(ctx: Context): Subscriber {
  return { viewer: ctx.viewer, accountId: authorize(ctx.viewer, 'read'), carrier: ctx.carrier };
}

import type pg from 'pg';
import { type Listener, listen } from '../changes/listen.ts';
import type { Log } from '../platform/log.ts';

/** Tells this process whose deliveries changed, wherever that happened. It listens only while somebody watches. */
export interface DeliveryFeed {
  readonly watch: (accountId: string, onChange: (delivery: DeliveryRef) => void) => { readonly release: () => void };
  readonly close: () => void;
}

export interface DeliveryRef {
  readonly webhookId: string;
  readonly id: string;
}

const channel = 'leadgraph_deliveries';
/** A notification takes at most 8,000 bytes. */
const idsAtOnce = 150;

export function createDeliveryFeed(url: string, log: Log): DeliveryFeed {
  const watchers = new Map<string, Set<(delivery: DeliveryRef) => void>>();
  let listener: Listener | null = null;

  function onNotify(payload: string): void {
    const [accountId = '', webhookId = '', ...ids] = payload.split(' ');
    const deliveries = ids.map((id) => ({ webhookId, id }));
    for (const onChange of watchers.get(accountId) ?? []) deliveries.forEach(onChange);
  }

  return {
    watch(accountId, onChange) {
      listener ??= listen({ url, channel, log, onNotify, onListening: () => undefined });
      const watcher = (delivery: DeliveryRef) => onChange(delivery);
      const ofAccount = watchers.get(accountId) ?? new Set();
      watchers.set(accountId, ofAccount.add(watcher));
      return {
        release() {
          ofAccount.delete(watcher);
          if (ofAccount.size === 0 && watchers.get(accountId) === ofAccount) watchers.delete(accountId);
          if (watchers.size > 0) return;
          listener?.close();
          listener = null;
        },
      };
    },
    close() {
      listener?.close();
      listener = null;
      watchers.clear();
    },
  };
}

/** Tells every process, once the transaction is committed. */
export async function announce(client: Pick<pg.ClientBase, 'query'>, accountId: string, deliveries: readonly DeliveryRef[]): Promise<void> {
  const idsOf = new Map<string, string[]>();
  for (const { webhookId, id } of deliveries) {
    const ids = idsOf.get(webhookId);
    if (ids) ids.push(id);
    else idsOf.set(webhookId, [id]);
  }
  const payloads: string[] = [];
  for (const [webhookId, ids] of idsOf) {
    for (let i = 0; i < ids.length; i += idsAtOnce) payloads.push([accountId, webhookId, ...ids.slice(i, i + idsAtOnce)].join(' '));
  }
  if (payloads.length === 0) return;
  await client.query({
    name: 'announce-deliveries',
    text: `SELECT pg_notify('${channel}', payload) FROM unnest($1::text[]) AS u(payload)`,
    values: [payloads],
  });
}

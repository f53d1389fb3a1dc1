import { header, startReceiver } from '../webhooks/receiver.ts';
import { oneIn } from './chance.ts';

/** What the webhook's receiver was told of one change. */
export interface Told {
  readonly webhookIds: ReadonlySet<string>;
  readonly changeId: string;
  readonly times: number;
}

export interface ToldLog {
  readonly url: string;
  readonly bySeq: ReadonlyMap<number, Told>;
  readonly close: () => Promise<void>;
}

/** A receiver that remembers what it was told, and is itself no better than others: some of its answers are errors, some never come. */
export async function startToldLog(): Promise<ToldLog> {
  const bySeq = new Map<number, { readonly webhookIds: Set<string>; readonly changeId: string; times: number }>();
  const receiver = await startReceiver();
  receiver.answer = (call, response) => {
    receiver.calls.length = 0;
    const { seq, id } = JSON.parse(call.body);
    const told = bySeq.get(Number(seq)) ?? { webhookIds: new Set<string>(), changeId: String(id), times: 0 };
    told.webhookIds.add(header(call, 'webhook-id'));
    told.times += 1;
    bySeq.set(Number(seq), told);
    if (told.times === 1 && oneIn(200)) response.destroy();
    else response.writeHead(told.times === 1 && oneIn(200) ? 500 : 200).end();
  };
  return { url: receiver.url, bySeq, close: receiver.close };
}

import { once } from 'node:events';
import { WebSocket } from 'ws';

/** What the bench tells a process of subscribers, by the channel that it was forked with. */
export type Order =
  | { readonly do: 'connect'; readonly url: string; readonly count: number }
  /** `alone`: each with a variable of its own that no field reads, so that nobody is told the same as another. */
  | { readonly do: 'subscribe'; readonly query: string; readonly count: number; readonly alone: boolean }
  | { readonly do: 'unsubscribe' }
  /** Waits until everybody was sent every change up to `head`, or for some seconds. */
  | { readonly do: 'report'; readonly head: number }
  | { readonly do: 'disconnect' };

export interface Report {
  readonly deliveries: number;
  /** Subscribers who were not sent exactly the changes that they were owed, in order. */
  readonly incomplete: number;
  /** How many deliveries took so many milliseconds from the commit's own time; the last bucket holds the rest. */
  readonly byMs: readonly number[];
}

const buckets = 10_000;
/** As many connections are made at once as any listener takes. */
const atOnce = 100;
const reportWithinMs = 30_000;

interface Subscriber {
  readonly socket: WebSocket;
  id: number;
  /** Where its subscription began; null until its first message. */
  beganAt: number | null;
  seq: number;
  inOrder: boolean;
  active: boolean;
  onBegun: (() => void) | null;
}

let subscribers: Subscriber[] = [];
let deliveries = 0;
let byMs = Array.from<number>({ length: buckets }).fill(0);
/** The time of a change is read once, not by every subscriber: what is measured is the server. */
const recordedAt = new Map<number, number>();

async function open(url: string): Promise<Subscriber> {
  const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
  const subscriber: Subscriber = { socket, id: 0, beganAt: null, seq: 0, inOrder: true, active: false, onBegun: null };
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  await once(socket, 'message');
  socket.on('message', (data: Buffer) => receive(subscriber, data.toString('latin1')));
  return subscriber;
}

function receive(subscriber: Subscriber, text: string): void {
  const head = `{"id":"${subscriber.id}",`;
  // What was under way when its subscription ended.
  if (!subscriber.active || !text.startsWith(head)) return;
  if (!text.startsWith('"type":"next"', head.length) || text.includes('"errors":')) throw new Error(text);
  const seqAt = text.indexOf('"seq":');
  if (seqAt < 0) return begin(subscriber);
  deliveries += 1;
  const seq = Number.parseInt(text.slice(seqAt + 6, seqAt + 20), 10);
  if (subscriber.seq !== 0 && seq !== subscriber.seq + 1) subscriber.inOrder = false;
  subscriber.seq = seq;
  let recorded = recordedAt.get(seq);
  if (recorded === undefined) recordedAt.set(seq, (recorded = Date.parse(/"recordedAt":"([^"]+)"/.exec(text)?.[1] ?? '')));
  const ms = Math.min(buckets - 1, Math.max(0, Date.now() - recorded));
  byMs[ms] = (byMs[ms] ?? 0) + 1;
}

function begin(subscriber: Subscriber): void {
  subscriber.onBegun?.();
  subscriber.onBegun = null;
}

async function inBatches<Thing>(things: readonly Thing[], work: (thing: Thing) => Promise<void>): Promise<void> {
  for (let i = 0; i < things.length; i += atOnce) await Promise.all(things.slice(i, i + atOnce).map(work));
}

function subscribe(subscriber: Subscriber, query: string, variables: Record<string, unknown>): Promise<void> {
  subscriber.id += 1;
  subscriber.seq = 0;
  subscriber.inOrder = true;
  subscriber.active = true;
  const begun = new Promise<void>((resolve) => (subscriber.onBegun = resolve));
  subscriber.socket.send(JSON.stringify({ id: `${subscriber.id}`, type: 'subscribe', payload: { query, variables } }));
  return begun;
}

async function report(head: number): Promise<Report> {
  const end = performance.now() + reportWithinMs;
  const isComplete = ({ active, seq, inOrder }: Subscriber): boolean => !active || (inOrder && seq === head);
  while (!subscribers.every(isComplete) && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  const made = { deliveries, incomplete: subscribers.filter((one) => !isComplete(one)).length, byMs };
  deliveries = 0;
  byMs = Array.from<number>({ length: buckets }).fill(0);
  return made;
}

async function obey(order: Order): Promise<Report | null> {
  switch (order.do) {
    case 'connect':
      await inBatches(Array.from({ length: order.count }), async () => void subscribers.push(await open(order.url)));
      return null;
    case 'subscribe':
      await inBatches([...subscribers.entries()].slice(0, order.count), ([i, subscriber]) =>
        subscribe(subscriber, order.query, order.alone ? { own: `${process.pid} ${i}` } : {}),
      );
      return null;
    case 'unsubscribe':
      for (const subscriber of subscribers) {
        if (subscriber.active) subscriber.socket.send(`{"id":"${subscriber.id}","type":"complete"}`);
        subscriber.active = false;
      }
      return null;
    case 'disconnect':
      for (const { socket } of subscribers) socket.terminate();
      subscribers = [];
      return null;
    default:
      return report(order.head);
  }
}

process.on('message', (order: Order) => {
  void obey(order).then((answer) => process.send?.(answer));
});

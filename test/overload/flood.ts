import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createHistogram, type Histogram } from './histogram.ts';

/** What came of requests that were sent at their own pace. */
export interface Flooded {
  readonly sent: number;
  /** Due when every connection waited for an answer, so never sent. */
  readonly heldBack: number;
  readonly accepted: Histogram;
  /** Answered 503 OVERLOADED with `Retry-After`. */
  readonly refused: Histogram;
  /** Any other answer, by status; `broken` is a connection that ended without one. */
  readonly others: Readonly<Record<string, number>>;
}

export interface Flood {
  readonly during: (perSecond: number, seconds: number) => Promise<Flooded>;
  readonly end: () => void;
}

interface Caller {
  readonly socket: Socket;
  sentAt: number;
  received: string;
}

const tickMs = 4;
const lastAnswersWithinMs = 5000;
const atOnce = 200;
/** Connected is who waits in the system's queue. Node takes one of them a turn, and in a flood a turn is long. */
const acceptedWithinMs = 1000;
const bytesOfAnswer = 64 * 1024;
/** In an answer of the graph, whose status says little. */
const whatWasAsked = /"RecordPostbackSuccess"|"nodes":\[\{/;

/**
 * Many callers, each with one request under way at most, as cheap as Node can be: one buffer for all answers, no parser. It shares the cores
 * with the server and its PostgreSQL, so it cannot offer more than they leave it: what was due and could not be sent is counted, not hidden.
 * A request's time begins when it is written to the socket, so waiting in the server's receive buffer counts.
 */
export async function openFlood(port: number, connections: number, next: () => Buffer): Promise<Flood> {
  const idle: Caller[] = [];
  const callers: Caller[] = [];
  let underWay = 0;
  let counted = count();

  function open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const buffer = Buffer.allocUnsafe(bytesOfAnswer);
      const onread = { buffer, callback: (bytes: number) => receive(caller, buffer.toString('latin1', 0, bytes)) };
      const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
      const caller: Caller = { socket, sentAt: 0, received: '' };
      callers.push(caller);
      socket.once('error', reject);
      socket.once('connect', () => {
        idle.push(caller);
        socket.off('error', reject);
        socket.on('error', () => undefined);
        resolve();
      });
      socket.once('close', () => {
        if (caller.sentAt === 0) return;
        underWay -= 1;
        counted.note('broken');
      });
    });
  }

  function receive(caller: Caller, bytes: string): true {
    const answer = caller.received === '' ? bytes : caller.received + bytes;
    if (isWhole(answer)) {
      caller.received = '';
      underWay -= 1;
      counted.take(answer, performance.now() - caller.sentAt);
      caller.sentAt = 0;
      idle.push(caller);
    } else caller.received = answer;
    return true;
  }

  function send(caller: Caller): void {
    underWay += 1;
    caller.sentAt = performance.now();
    caller.socket.write(next());
  }

  for (let i = 0; i < connections; i += atOnce) await Promise.all(Array.from({ length: Math.min(atOnce, connections - i) }, open));
  await sleep(acceptedWithinMs);

  return {
    async during(perSecond, seconds) {
      counted = count();
      const began = performance.now();
      let due = 0;
      let sent = 0;
      for (let elapsedMs = 0; elapsedMs < seconds * 1000; elapsedMs = performance.now() - began) {
        const total = Math.floor((elapsedMs / 1000) * perSecond);
        const ready = idle.splice(0, total - due);
        for (const caller of ready) send(caller);
        sent += ready.length;
        due = total;
        await sleep(tickMs);
      }
      const deadline = performance.now() + lastAnswersWithinMs;
      const isWaiting = (): boolean => underWay > 0 && performance.now() < deadline;
      while (isWaiting()) await sleep(tickMs);
      if (underWay > 0) counted.note('unanswered', underWay);
      return { ...counted.figures, sent, heldBack: due - sent };
    },
    end() {
      for (const { socket } of callers) socket.destroy();
    },
  };
}

function count() {
  const figures = { accepted: createHistogram(), refused: createHistogram(), others: {} as Record<string, number> };
  const note = (what: string, times = 1): void => void (figures.others[what] = (figures.others[what] ?? 0) + times);
  return {
    figures,
    note,
    take(answer: string, ms: number): void {
      const status = answer.slice(9, 12);
      if (status === '201' || (status === '200' && whatWasAsked.test(answer))) figures.accepted.add(ms);
      else if (status === '503' && answer.includes('OVERLOADED') && /^retry-after: \d/im.test(answer)) figures.refused.add(ms);
      else note(status);
    },
  };
}

function isWhole(text: string): boolean {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return false;
  const at = text.indexOf('content-length: ');
  return at > 0 && text.length >= head + 4 + Number.parseInt(text.slice(at + 16, at + 24), 10);
}

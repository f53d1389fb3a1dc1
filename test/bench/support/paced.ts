import { connect, type Socket } from 'node:net';

export interface PacedLoad {
  readonly port: number;
  readonly connections: number;
  readonly perSecond: number;
  readonly seconds: number;
  /** The bytes of the next request; called once for each. */
  readonly next: () => Buffer;
}

export interface PacedResult {
  readonly sent: number;
  /** Answered 200. */
  readonly accepted: number;
  /** Over the whole time, waiting for the last answers included. */
  readonly perSecond: number;
  readonly p99Ms: number;
}

const tickMs = 10;

/** Sends so many requests a second, whether they are answered or not, as a sender does that has its own pace. */
export async function runPaced({ port, connections, perSecond, seconds, next }: PacedLoad): Promise<PacedResult> {
  const lanes = await Promise.all(Array.from({ length: connections }, () => openLane(port)));
  const began = performance.now();
  let sent = 0;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const elapsedMs = Math.min(performance.now() - began, seconds * 1000);
      const due = Math.floor((elapsedMs / 1000) * perSecond);
      for (; sent < due; sent++) lanes[sent % lanes.length]?.ask(next());
      if (elapsedMs < seconds * 1000) return;
      clearInterval(timer);
      resolve();
    }, tickMs);
  });
  const answers = (await Promise.all(lanes.map((lane) => lane.drained()))).flat();
  const elapsedSeconds = (performance.now() - began) / 1000;
  const waits = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  const accepted = answers.filter(({ status }) => status === '200').length;
  return { sent, accepted, perSecond: accepted / elapsedSeconds, p99Ms: waits[Math.floor(waits.length * 0.99)] ?? 0 };
}

interface Lane {
  readonly ask: (request: Buffer) => void;
  readonly drained: () => Promise<readonly Answered[]>;
}

interface Answered {
  readonly status: string;
  /** From the moment it was due, so that waiting for a connection counts. */
  readonly ms: number;
}

/** One connection that asks one question at a time. */
function openLane(port: number): Promise<Lane> {
  const waiting: { readonly request: Buffer; readonly dueAt: number }[] = [];
  const answered: Answered[] = [];
  let underWay: { readonly dueAt: number } | null = null;
  let received = '';
  let onDrained: (() => void) | null = null;
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const go = (): void => {
      if (underWay) return;
      const first = waiting.shift();
      if (first) {
        underWay = first;
        socket.write(first.request);
      } else onDrained?.();
    };
    socket.on('error', reject);
    socket.on('data', (data) => {
      received += data.toString('latin1');
      const head = received.indexOf('\r\n\r\n');
      const length = /content-length: (\d+)/i.exec(received.slice(0, Math.max(head, 0)));
      if (!underWay || !length || received.length < head + 4 + Number(length[1])) return;
      answered.push({ status: received.slice(9, 12), ms: performance.now() - underWay.dueAt });
      received = '';
      underWay = null;
      go();
    });
    socket.on('connect', () =>
      resolve({
        ask(request) {
          waiting.push({ request, dueAt: performance.now() });
          go();
        },
        drained: () =>
          new Promise((done) => {
            onDrained = () => {
              socket.destroy();
              done(answered);
            };
            if (!underWay) go();
          }),
      }),
    );
  });
}

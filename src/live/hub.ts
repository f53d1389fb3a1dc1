import type { Viewer } from '../auth/viewer.ts';
import type { ChangeFilter } from '../changes/change.ts';
import { encodeCursor } from '../changes/cursor.ts';
import { assertWithinLog } from '../changes/errors.ts';
import type { LogFollower, WatchedLog } from '../changes/follow-log.ts';
import { ForbiddenError, UnavailableError } from '../errors.ts';
import { type Carrier, forbidden, tryAgainLater } from './carrier.ts';
import { type ChangeItem, ChangeSource } from './change-source.ts';
import { SlowSubscriberError } from './errors.ts';
import { createLeadSource, type LeadItem, type LeadSourceOptions } from './lead-source.ts';
import { type Delivery, Stream, type StreamSource } from './stream.ts';

/** Who subscribes, and over which connection. */
export interface Subscriber {
  readonly viewer: Viewer;
  readonly accountId: string;
  readonly carrier: Carrier | null;
}

/** Live views of the change logs. Any number of subscribers share what was read; each reads on at its own pace. */
export interface LiveHub {
  /** Every change after `after`, in order, each once. Throws CursorInvalidError when the log does not reach that far. */
  readonly followChanges: (
    subscriber: Subscriber,
    options: { readonly after: number | null; readonly filter: ChangeFilter },
  ) => Promise<AsyncIterableIterator<Delivery<ChangeItem>>>;
  /** One item at once and after changes of the lead. */
  readonly followLead: (
    subscriber: Subscriber,
    options: Pick<LeadSourceOptions, 'leadId' | 'exists' | 'isErased'>,
  ) => Promise<AsyncIterableIterator<Delivery<LeadItem>>>;
  /** What a feed has to tell, for things that are shown by their latest state. */
  readonly followFeed: <Item>(
    subscriber: Subscriber,
    join: (wake: () => void) => FeedMember<Item>,
  ) => Promise<AsyncIterableIterator<Delivery<Item>>>;
  /** Open streams. */
  readonly size: number;
  /** Ends every stream. Close the connections first: their clients then know that they may come back. */
  readonly close: () => Promise<void>;
}

/** One subscriber's place in a feed. Its `wake` is called when there may be something to take. */
export interface FeedMember<Item> extends StreamSource<Item> {
  readonly release: () => void;
}

export interface HubOptions {
  readonly follower: LogFollower;
  readonly isStillValid: (viewer: Viewer) => Promise<boolean>;
  readonly heartbeatSeconds: number;
  /** A subscriber that takes nothing for so long while something waits for it is sent away. */
  readonly patienceMs?: number;
  readonly maxStreams?: number;
}

interface Member extends Subscriber {
  readonly stream: Stream<unknown>;
  readonly source: Pick<StreamSource<unknown>, 'position' | 'behind' | 'rest'>;
}

const checkCredentialsEveryMs = 1000;
/** A subscriber this far behind that takes nothing gets little patience. */
const farBehind = 10_000;
const littlePatienceMs = 1000;
/** A tick that comes this late says that the process was stopped, or had no time to run. */
const stoppedMs = 1000;
/** After this long without a pull a subscriber keeps no page of the log in memory. */
const restsAfterMs = 1000;

export function createHub({ follower, isStillValid, heartbeatSeconds, patienceMs = 5000, maxStreams = 20_000 }: HubOptions): LiveHub {
  const members = new Set<Member>();
  const heartbeatMs = heartbeatSeconds * 1000;
  const tickMs = Math.min(500, Math.max(20, heartbeatMs / 4));
  let closing = false;
  let tickedAt = performance.now();
  // While the process itself stood still nobody could take anything: that time counts against nobody.
  let awakeSince = tickedAt;
  let credentialsCheckedAt = performance.now();
  let checkingCredentials = false;

  async function open<Item>(
    subscriber: Subscriber,
    toSource: (log: WatchedLog, forbid: (why: string) => void) => StreamSource<Item>,
  ): Promise<AsyncIterableIterator<Delivery<Item>>> {
    assertRoom();
    let stream: Stream<Item> | null = null;
    const log = await follower.watch(subscriber.accountId, () => stream?.wake());
    const forbid = (why: string) => {
      stream?.end(new ForbiddenError(why));
      subscriber.carrier?.close(forbidden, 'Forbidden');
    };
    try {
      stream = add(subscriber, toSource(log, forbid), () => log.release());
      return stream;
    } catch (error) {
      log.release();
      throw error;
    }
  }

  function assertRoom(): void {
    if (closing) throw new UnavailableError('SHUTTING_DOWN');
    if (members.size >= maxStreams) throw new UnavailableError('OVERLOADED');
  }

  function add<Item>(subscriber: Subscriber, source: StreamSource<Item>, release: () => void): Stream<Item> {
    const stream = new Stream(source, subscriber.carrier, () => {
      members.delete(member);
      release();
    });
    const member: Member = { ...subscriber, stream, source };
    members.add(member);
    return stream;
  }

  function isStalled({ stream, source }: Member, now: number): boolean {
    if (stream.restingSince === null || source.behind === 0) return false;
    const restedMs = now - Math.max(stream.restingSince, awakeSince);
    return restedMs > patienceMs || (source.behind > farBehind && restedMs > littlePatienceMs);
  }

  function sendAway({ accountId, carrier, stream, source }: Member): void {
    const cursor = encodeCursor(accountId, carrier && !carrier.written ? stream.confirmed : source.position);
    // The connection first, where there is one: its close code is the last word.
    carrier?.close(tryAgainLater, cursor);
    stream.end(new SlowSubscriberError(cursor));
  }

  /** Asks once for each credential, however many streams it holds open. */
  async function checkCredentials(): Promise<void> {
    checkingCredentials = true;
    const byCredential = new Map<string, Member[]>();
    for (const member of members) {
      const name = `${member.viewer.credential} ${member.viewer.scopes.join(' ')}`;
      const held = byCredential.get(name);
      if (held) held.push(member);
      else byCredential.set(name, [member]);
    }
    for (const held of byCredential.values()) {
      const [first] = held;
      // Away is not revoked: who was let in stays until the database says otherwise.
      if (!first || (await isStillValid(first.viewer).catch(() => true))) continue;
      for (const { stream, carrier } of held) {
        carrier?.close(forbidden, 'Forbidden');
        stream.end(new ForbiddenError('This API key was revoked.'));
      }
    }
    checkingCredentials = false;
  }

  function tick(): void {
    const now = performance.now();
    if (now - tickedAt > tickMs + stoppedMs) awakeSince = now;
    tickedAt = now;
    for (const member of members) {
      const { stream, source } = member;
      stream.breakSilence(now, heartbeatMs);
      if (stream.restingSince !== null && now - stream.restingSince > restsAfterMs) source.rest();
      if (isStalled(member, now)) sendAway(member);
    }
    if (!checkingCredentials && now - credentialsCheckedAt >= checkCredentialsEveryMs) {
      credentialsCheckedAt = now;
      void checkCredentials();
    }
  }

  const timer = setInterval(tick, tickMs);
  timer.unref();

  return {
    followChanges: (subscriber, { after, filter }) =>
      open(subscriber, (log) => {
        if (after !== null) assertWithinLog(after, log.head);
        return new ChangeSource({ log, after, filter, heartbeatMs });
      }),
    followLead: (subscriber, options) =>
      open(subscriber, (log, forbid) => createLeadSource({ ...options, log, onErased: () => forbid('This lead was erased.') })),
    async followFeed<Item>(subscriber: Subscriber, join: (wake: () => void) => FeedMember<Item>) {
      assertRoom();
      let stream: Stream<Item> | null = null;
      const source = join(() => stream?.wake());
      stream = add(subscriber, source, source.release);
      return stream;
    },
    get size() {
      return members.size;
    },
    async close() {
      closing = true;
      clearInterval(timer);
      for (const { stream } of members) stream.end(new UnavailableError('SHUTTING_DOWN'));
    },
  };
}

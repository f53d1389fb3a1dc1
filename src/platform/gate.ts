export interface GateOptions<Job> {
  /** Most jobs of one batch. */
  readonly maxBatch: number;
  /** Most batches of one lane under way at once. */
  readonly maxInFlight: number;
  /** Most jobs of all lanes waiting or under way. */
  readonly maxWaiting: number;
  /** Absent: whoever waits is let in sooner or later. */
  readonly patience?: Patience<Job>;
  /** Settles every job that it is given, and never rejects. */
  readonly run: (lane: string, jobs: readonly Job[]) => Promise<void>;
}

/**
 * Keeps a queue as short as it can be served in time, however fast that is today. A job is refused at the door when what is before it, under way
 * or waiting, would take longer than `maxWaitMs` at the pace of the latest batches, or of the jobs in those that were no less than a quarter
 * full: a small batch takes little, and says nothing of a full one. Where the pace was overrated, as when the first flood begins, jobs that have
 * waited so long are shed, the oldest first. A quarter of a batch is never too much, so the pace goes on being measured.
 */
export interface Patience<Job> {
  readonly maxWaitMs: number;
  /** Settles the job instead of running it. */
  readonly shed: (job: Job) => void;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

export interface Gate<Job> {
  /** Whether a job would be let in now: for those who would have to make it first. */
  readonly hasRoom: (lane: string) => boolean;
  /** Queues a job; false when the gate is full. */
  readonly add: (lane: string, job: Job) => boolean;
  /** Call once per job, when it was settled. */
  readonly leave: () => void;
  /** Resolves when nothing waits and nothing is under way. */
  readonly drained: () => Promise<void>;
}

interface Lane<Job> {
  waiting: { readonly job: Job; readonly since: number }[];
  inFlight: number;
  jobsInFlight: number;
  scheduled: boolean;
  /** Between the ends of the latest batches. */
  msPerBatch: number;
  endedAt: number;
}

/** How much the latest batch counts in the pace of batches, and in that of jobs: the second of two that end together seems to have taken no time. */
const newest = 0.5;
const newestOfJobs = 0.25;

/**
 * Batches by gate, not by timer: a job starts at once while its lane is idle; jobs that arrive meanwhile form the next batch.
 * Latency stays that of one commit when idle, and throughput grows with load.
 */
export function createGate<Job>(options: GateOptions<Job>): Gate<Job> {
  const { maxBatch, patience } = options;
  const neverTooMuch = maxBatch / 4;
  let msPerJob = 0;
  const now = patience?.now ?? (() => performance.now());
  const lanes = new Map<string, Lane<Job>>();
  const waitingForDrain: (() => void)[] = [];
  let present = 0;
  let underWay = 0;

  function schedule(name: string, lane: Lane<Job>): void {
    if (lane.scheduled || lane.inFlight >= options.maxInFlight || lane.waiting.length === 0) return;
    lane.scheduled = true;
    // After this turn's sockets were read, so that requests that arrived together leave together.
    setImmediate(() => {
      lane.scheduled = false;
      start(name, lane);
      schedule(name, lane);
    });
  }

  function start(name: string, lane: Lane<Job>): void {
    shedOldest(lane);
    const jobs = lane.waiting.splice(0, maxBatch).map(({ job }) => job);
    if (jobs.length === 0) return;
    lane.inFlight += 1;
    lane.jobsInFlight += jobs.length;
    underWay += 1;
    const startedAt = now();
    void options.run(name, jobs).finally(() => {
      lane.inFlight -= 1;
      lane.jobsInFlight -= jobs.length;
      underWay -= 1;
      notePace(lane, startedAt, jobs.length);
      schedule(name, lane);
      if (lane.inFlight === 0 && lane.waiting.length === 0) lanes.delete(name);
      if (underWay === 0 && lanes.size === 0) for (const resolve of waitingForDrain.splice(0)) resolve();
    });
  }

  function shedOldest({ waiting }: Lane<Job>): void {
    if (!patience || waiting.length <= neverTooMuch) return;
    const longAgo = now() - patience.maxWaitMs;
    const kept = waiting.findIndex(({ since }, i) => since >= longAgo || waiting.length - i <= neverTooMuch);
    for (const { job } of waiting.splice(0, kept)) patience.shed(job);
  }

  function notePace(lane: Lane<Job>, startedAt: number, jobs: number): void {
    const endedAt = now();
    const ms = endedAt - Math.max(lane.endedAt, startedAt);
    lane.msPerBatch = lane.endedAt === 0 ? ms : newest * ms + (1 - newest) * lane.msPerBatch;
    if (jobs >= neverTooMuch) msPerJob = msPerJob === 0 ? ms / jobs : newestOfJobs * (ms / jobs) + (1 - newestOfJobs) * msPerJob;
    lane.endedAt = endedAt;
  }

  function hasRoom(name: string): boolean {
    if (present >= options.maxWaiting) return false;
    const lane = lanes.get(name);
    if (!patience || !lane || lane.waiting.length < neverTooMuch) return true;
    const batches = lane.inFlight + lane.waiting.length / maxBatch;
    const jobs = lane.jobsInFlight + lane.waiting.length;
    return Math.max(batches * lane.msPerBatch, jobs * msPerJob) <= patience.maxWaitMs;
  }

  return {
    hasRoom,
    add(name, job) {
      if (!hasRoom(name)) return false;
      present += 1;
      let lane = lanes.get(name);
      if (!lane) {
        lane = { waiting: [], inFlight: 0, jobsInFlight: 0, scheduled: false, msPerBatch: 0, endedAt: 0 };
        lanes.set(name, lane);
      }
      lane.waiting.push({ job, since: now() });
      schedule(name, lane);
      return true;
    },
    leave() {
      present -= 1;
    },
    drained: () => (underWay === 0 && lanes.size === 0 ? Promise.resolve() : new Promise((resolve) => waitingForDrain.push(resolve))),
  };
}

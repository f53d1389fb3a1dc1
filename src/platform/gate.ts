export interface GateOptions<Job> {
  /** Most jobs of one batch. */
  readonly maxBatch: number;
  /** Most batches of one lane under way at once. */
  readonly maxInFlight: number;
  /** Most jobs of all lanes waiting or under way. */
  readonly maxWaiting: number;
  /** Settles every job that it is given, and never rejects. */
  readonly run: (lane: string, jobs: readonly Job[]) => Promise<void>;
}

export interface Gate<Job> {
  /** Queues a job; false when the gate is full. */
  readonly add: (lane: string, job: Job) => boolean;
  /** Call once per job, when it was settled. */
  readonly leave: () => void;
  /** Resolves when nothing waits and nothing is under way. */
  readonly drained: () => Promise<void>;
}

interface Lane<Job> {
  waiting: Job[];
  inFlight: number;
  scheduled: boolean;
}

/**
 * Batches by gate, not by timer: a job starts at once while its lane is idle; jobs that arrive meanwhile form the next batch.
 * Latency stays that of one commit when idle, and throughput grows with load.
 */
export function createGate<Job>(options: GateOptions<Job>): Gate<Job> {
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
    const jobs = lane.waiting.splice(0, options.maxBatch);
    if (jobs.length === 0) return;
    lane.inFlight += 1;
    underWay += 1;
    void options.run(name, jobs).finally(() => {
      lane.inFlight -= 1;
      underWay -= 1;
      schedule(name, lane);
      if (lane.inFlight === 0 && lane.waiting.length === 0) lanes.delete(name);
      if (underWay === 0 && lanes.size === 0) for (const resolve of waitingForDrain.splice(0)) resolve();
    });
  }

  return {
    add(name, job) {
      if (present >= options.maxWaiting) return false;
      present += 1;
      let lane = lanes.get(name);
      if (!lane) {
        lane = { waiting: [], inFlight: 0, scheduled: false };
        lanes.set(name, lane);
      }
      lane.waiting.push(job);
      schedule(name, lane);
      return true;
    },
    leave() {
      present -= 1;
    },
    drained: () => (underWay === 0 && lanes.size === 0 ? Promise.resolve() : new Promise((resolve) => waitingForDrain.push(resolve))),
  };
}

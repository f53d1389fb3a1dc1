import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createGate, type Gate } from '../../src/platform/gate.ts';

const maxBatch = 16;
const quarter = maxBatch / 4;
const maxWaitMs = 500;
const maxWaiting = 1000;

interface Job {
  readonly arrivedAt: number;
  fate: 'waits' | 'ran' | 'shed' | 'refused';
  waitedMs: number;
}

/** What was scheduled for this turn, and what that schedules, has happened. */
async function aTurn(): Promise<void> {
  for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A gate whose clock and whose batches' ends are given by the test. */
function createWorld() {
  let now = 0;
  const running: { readonly jobs: readonly Job[]; readonly end: () => void }[] = [];
  const settle = (job: Job, fate: Job['fate']): void => {
    job.fate = fate;
    job.waitedMs = now - job.arrivedAt;
  };
  const gate: Gate<Job> = createGate<Job>({
    maxBatch,
    maxInFlight: 1,
    maxWaiting,
    patience: {
      maxWaitMs,
      now: () => now,
      shed(job) {
        settle(job, 'shed');
        gate.leave();
      },
    },
    run(_lane, jobs) {
      for (const job of jobs) settle(job, 'ran');
      return new Promise<void>((end) => running.push({ jobs, end }));
    },
  });
  return {
    gate,
    arrive(count: number): Job[] {
      return Array.from({ length: count }, () => {
        const job: Job = { arrivedAt: now, fate: 'waits', waitedMs: 0 };
        if (!gate.add('lane', job)) job.fate = 'refused';
        return job;
      });
    },
    /** Ends the batch under way, if there is one, after so long. */
    async endBatch(ms: number): Promise<boolean> {
      await aTurn();
      now += ms;
      const batch = running.shift();
      for (const _ of batch?.jobs ?? []) gate.leave();
      batch?.end();
      await aTurn();
      return batch !== undefined;
    },
  };
}

it.each([
  // How long batches take lately, how many wait already, whether one more is let in.
  { msPerBatch: 10, waiting: 40, hasRoom: true },
  { msPerBatch: 60, waiting: 117, hasRoom: true },
  { msPerBatch: 60, waiting: 118, hasRoom: false },
  { msPerBatch: 200, waiting: 24, hasRoom: true },
  { msPerBatch: 200, waiting: 25, hasRoom: false },
  { msPerBatch: 5000, waiting: 3, hasRoom: true },
  { msPerBatch: 5000, waiting: 4, hasRoom: false },
])('lets in what can be served in time: batches of $msPerBatch ms, $waiting waiting', async ({ msPerBatch, waiting, hasRoom }) => {
  const world = createWorld();
  world.arrive(1);
  await aTurn();
  // The one that keeps the lane busy while the pace is measured.
  world.arrive(1);
  await world.endBatch(msPerBatch);
  const fates = world.arrive(waiting).map(({ fate }) => fate);
  expect(new Set(fates)).toEqual(new Set(['waits']));
  expect(world.gate.hasRoom('lane')).toBe(hasRoom);
  expect(world.gate.hasRoom('another lane')).toBe(true);
});

it('lets in what full batches showed to be served in time, however fast small ones were since', async () => {
  const world = createWorld();
  world.arrive(maxBatch);
  await world.endBatch(20 * maxBatch);
  for (let i = 0; i < 8; i += 1) {
    world.arrive(1);
    await world.endBatch(5);
  }
  world.arrive(1);
  await aTurn();
  const jobsInTime = maxWaitMs / 20;
  const fates = world.arrive(jobsInTime).map(({ fate }) => fate);
  expect(new Set(fates)).toEqual(new Set(['waits']));
  expect(world.gate.hasRoom('lane')).toBe(false);
  expect(world.gate.hasRoom('another lane')).toBe(true);
});

it('lets nobody in who would wait too long, loses nobody, and never refuses while less than a quarter of a batch waits', async () => {
  const step = fc.record({ arrivals: fc.nat(40), ms: fc.oneof(fc.nat(20), fc.nat(300), fc.constant(2000)) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
      const world = createWorld();
      const jobs: Job[] = [];
      for (const { arrivals, ms } of steps) {
        const before = jobs.filter(({ fate }) => fate === 'waits').length;
        const arrived = world.arrive(arrivals);
        const letIn = arrived.filter(({ fate }) => fate !== 'refused').length;
        expect(letIn).toBeGreaterThanOrEqual(Math.min(arrivals, quarter - before));
        jobs.push(...arrived);
        await world.endBatch(ms);
      }
      while (await world.endBatch(1));
      await world.gate.drained();
      expect(jobs.filter(({ fate }) => fate === 'waits')).toEqual([]);
      for (const { fate, waitedMs } of jobs) if (fate === 'shed') expect(waitedMs).toBeGreaterThan(maxWaitMs);
    }),
    { numRuns: 200 },
  );
});

it('sheds the oldest of a queue that turns out to be too long, down to a quarter of a batch', async () => {
  const world = createWorld();
  const first = world.arrive(1);
  await aTurn();
  const flood = world.arrive(20);
  await world.endBatch(maxWaitMs + 1);
  expect(first.map(({ fate }) => fate)).toEqual(['ran']);
  expect(flood.map(({ fate }) => fate)).toEqual([...Array<string>(20 - quarter).fill('shed'), ...Array<string>(quarter).fill('ran')]);
  await world.endBatch(1);
  await world.gate.drained();
});

it('has an end, although nothing is known yet of how fast it is served', async () => {
  const world = createWorld();
  const fates = world.arrive(maxWaiting + 1).map(({ fate }) => fate);
  expect(fates.slice(0, maxWaiting)).not.toContain('refused');
  expect(fates[maxWaiting]).toBe('refused');
  while (await world.endBatch(1));
});

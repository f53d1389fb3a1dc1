import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OutboundError } from '../../src/platform/outbound-http.ts';
import { retryPlanSeconds } from '../../src/webhooks/retry-plan.ts';
import { forgetOldAttempts } from '../../src/webhooks/retention.ts';
import { times } from '../live/change-log.ts';
import { createEngineWorld, day, type EngineWorld, hour, seqsOf } from './engine-world.ts';

let world: EngineWorld;
beforeEach(async () => {
  world = await createEngineWorld();
});
afterEach(() => world.close());

const minute = 60_000;

const changesOf = (leadIds: readonly string[]) => leadIds.map((leadId) => ({ leadId }));

it('tries along the plan for eight days, then gives up and lets the next change of the lead through', async () => {
  const leadId = randomUUID();
  const webhookId = await world.addWebhook();
  await world.append(world.accountId, changesOf([leadId, leadId]));
  world.answer = ({ body }) => (JSON.parse(body).seq === 1 ? 503 : 200);
  const startedAt = world.now.getTime();
  for (let i = 0; i < 10; i += 1) {
    await world.pass(day);
    // It would be disabled after five days without any success; one that the test makes up brings no try beyond the plan.
    await world.database.prisma.webhook.update({ where: { id: webhookId }, data: { failures: 0, failingSince: null } });
  }
  const [first, second] = await world.deliveries(webhookId);
  expect(first).toMatchObject({ status: 'EXHAUSTED', attemptCount: 16, nextAttemptAt: null });
  expect(second).toMatchObject({ status: 'DELIVERED', attemptCount: 1 });
  const tries = world.calls.filter(({ id }) => id === `dlv_${first?.id}`).map(({ at }) => (at - startedAt) / 1000);
  const plan = [0, 5, 60, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, ...times(6, () => 86_400)];
  expect(tries).toHaveLength(plan.length);
  tries.forEach((at, i) => {
    const waited = at - (tries[i - 1] ?? 0);
    expect(waited).toBeGreaterThanOrEqual((plan[i] ?? 0) * 0.799);
    expect(waited).toBeLessThanOrEqual((plan[i] ?? 0) * 1.201);
  });
  expect(new Set(tries.slice(1).map((at, i) => (at - (tries[i] ?? 0)) / (plan[i + 1] ?? 1))).size).toBeGreaterThan(3);
});

it('delivers everything after 26 hours without receiver, each lead in order', async () => {
  const webhookId = await world.addWebhook();
  const leadIds = times(20, () => randomUUID());
  let isDown = true;
  world.answer = () => {
    if (isDown) throw new OutboundError('connection_failed', 'ECONNREFUSED');
    return 200;
  };
  for (let i = 0; i < 13; i += 1) {
    await world.append(world.accountId, changesOf(leadIds));
    await world.pass(2 * hour);
  }
  expect(world.calls.length).toBeGreaterThan(100);
  expect(await world.webhook(webhookId)).toMatchObject({ enabled: true });
  isDown = false;
  world.calls.length = 0;
  // Most of them wait for hours by the plan. The first success, here that of a lead that is new, brings them soon.
  await world.append(world.accountId, changesOf([randomUUID()]));
  await world.pass(minute);
  expect(world.calls.length).toBeLessThan(13 * 20);
  await world.pass(minute);
  const deliveries = await world.deliveries(webhookId);
  expect(deliveries).toHaveLength(13 * 20 + 1);
  expect(deliveries.every(({ status }) => status === 'DELIVERED')).toBe(true);
  expect(world.calls).toHaveLength(13 * 20 + 1);
  for (const leadId of leadIds) {
    const seqs = seqsOf(world.calls.filter(({ body }) => JSON.parse(body).lead.id === `lead_${leadId}`));
    expect(seqs).toEqual(deliveries.filter((d) => d.leadId === leadId).map(({ seq }) => Number(seq)));
  }
});

it('gives what a recovered endpoint still refuses one try more between two of the plan, and keeps to the plan', async () => {
  const webhookId = await world.addWebhook();
  world.answer = ({ body }) => (JSON.parse(body).seq === 1 ? 500 : 200);
  await world.append(world.accountId, changesOf([randomUUID()]));
  const startedAt = world.now.getTime();
  await world.pass(2 * minute);
  for (let i = 0; i < 250; i += 1) {
    await world.append(world.accountId, changesOf([randomUUID()]));
    await world.pass(hour);
  }
  const [refused, ...others] = await world.deliveries(webhookId);
  expect(others.every(({ status }) => status === 'DELIVERED')).toBe(true);
  expect(refused).toMatchObject({ status: 'EXHAUSTED', tries: 16 });
  const tries = world.calls.filter(({ id }) => id === `dlv_${refused?.id}`).map(({ at }) => at - startedAt);
  expect(tries.length).toBeGreaterThan(20);
  expect(tries.length).toBeLessThanOrEqual(16 + 13);
  const planned = retryPlanSeconds.reduce((sum, seconds) => sum + seconds * 1000, 0);
  expect(tries.at(-1)).toBeGreaterThan(planned * 0.8);
});

it('does not try sooner what the receiver put off', async () => {
  const webhookId = await world.addWebhook();
  world.answer = ({ body }) => (JSON.parse(body).seq === 1 ? { status: 503, headers: { 'retry-after': '7200' } } : 200);
  await world.append(world.accountId, changesOf([randomUUID()]));
  await world.pass(5 * minute);
  await world.append(world.accountId, changesOf([randomUUID()]));
  await world.pass(110 * minute);
  expect(world.calls).toHaveLength(2);
  expect(await world.deliveries(webhookId)).toMatchObject([{ status: 'RETRYING', attemptCount: 1 }, { status: 'DELIVERED' }]);
  await world.pass(6 * minute);
  expect(world.calls).toHaveLength(3);
});

it('keeps the order of a lead while others go on', async () => {
  const [slow, quick] = [randomUUID(), randomUUID()];
  await world.addWebhook();
  await world.append(world.accountId, changesOf([slow, quick, slow, quick, slow, quick]));
  world.answer = ({ body, attempt }) => (JSON.parse(body).seq === 1 && attempt === 1 ? 500 : 200);
  await world.engine.runDue();
  expect(seqsOf(world.calls).toSorted((a, b) => a - b)).toEqual([1, 2, 4, 6]);
  await world.pass(10_000);
  expect(seqsOf(world.calls).slice(4)).toEqual([1, 3, 5]);
});

it('disables an endpoint after five days of failures only, loses nothing, and recovers each delivery once', async () => {
  const webhookId = await world.addWebhook();
  world.answer = () => 500;
  await world.append(world.accountId, changesOf([randomUUID()]));
  await world.pass(4 * day);
  expect(await world.webhook(webhookId)).toMatchObject({ enabled: true });
  for (let i = 0; i < 4; i += 1) {
    await world.append(world.accountId, changesOf([randomUUID()]));
    await world.pass(12 * hour);
  }
  expect(await world.webhook(webhookId)).toMatchObject({ enabled: false, disabledReason: 'FAILING' });
  const before = world.calls.length;
  await world.append(world.accountId, changesOf([randomUUID(), randomUUID()]));
  await world.pass(2 * day);
  expect(world.calls).toHaveLength(before);
  expect(await world.deliveries(webhookId)).toHaveLength(7);
});

it('row 74: disables at once what answers 410, asks a redirect no further, and obeys Retry-After for a day at most', async () => {
  const gone = await world.addWebhook({ url: 'http://gone.example/' });
  const moved = await world.addWebhook({ url: 'http://moved.example/' });
  const busy = await world.addWebhook({ url: 'http://busy.example/' });
  const patient = await world.addWebhook({ url: 'http://patient.example/' });
  world.answer = ({ url }) => {
    if (url.includes('gone')) return 410;
    if (url.includes('moved')) return { status: 301, headers: { location: 'http://169.254.169.254/latest/meta-data' } };
    return url.includes('busy') ? { status: 429, headers: { 'retry-after': '3600' } } : { status: 503, headers: { 'retry-after': '1e9' } };
  };
  const start = world.now.getTime();
  await world.append(world.accountId, changesOf([randomUUID()]));
  await world.engine.runDue();
  expect(await world.webhook(gone)).toMatchObject({ enabled: false, disabledReason: 'GONE' });
  expect((await world.deliveries(gone))[0]).toMatchObject({ status: 'RETRYING' });
  const waitOf = async (id: string) => Number((await world.deliveries(id))[0]?.nextAttemptAt) - start;
  expect(await waitOf(moved)).toBeLessThan(7000);
  expect(await waitOf(busy)).toBe(hour);
  expect(await waitOf(patient)).toBe(day);
  const attempts = await world.database.prisma.attempt.findMany({ where: { webhookId: moved } });
  expect(attempts).toMatchObject([{ statusCode: 301, error: 'redirect_not_followed' }]);
  expect(world.calls.filter(({ url }) => url.includes('169.254'))).toEqual([]);
});

it('row 58: takes over what a stopped process had claimed, and ignores the late result', async () => {
  const webhookId = await world.addWebhook();
  const late = new EventEmitter();
  const stopped = world.newEngine(async () => {
    await once(late, 'answer');
    return 500;
  });
  await world.append(world.accountId, changesOf([randomUUID()]));
  const running = stopped.runDue();
  while (world.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const taking = world.newEngine(() => 200);
  world.now = new Date(world.now.getTime() + 20_000);
  await taking.runDue();
  expect(world.calls).toHaveLength(1);
  world.now = new Date(world.now.getTime() + 10_000);
  await taking.runDue();
  expect(world.calls).toHaveLength(2);
  late.emit('answer');
  await running;
  expect(await world.deliveries(webhookId)).toMatchObject([{ status: 'DELIVERED', attemptCount: 1 }]);
  expect(new Set(world.calls.map(({ id }) => id)).size).toBe(1);
});

it('makes one delivery for each change and webhook, though several processes read the log at once', async () => {
  const webhookIds = await Promise.all(times(3, () => world.addWebhook()));
  const engines = times(4, () => world.newEngine());
  const leadIds = times(10, () => randomUUID());
  for (let i = 0; i < 5; i += 1) {
    await world.append(world.accountId, changesOf(leadIds));
    await Promise.all(engines.map((engine) => engine.runDue()));
  }
  expect(world.calls).toHaveLength(150);
  for (const id of webhookIds) expect(await world.deliveries(id)).toHaveLength(50);
  for (const leadId of leadIds) {
    const seqs = seqsOf(world.calls.filter(({ body }) => JSON.parse(body).lead.id === `lead_${leadId}`));
    expect(new Set(seqs).size).toBe(5);
  }
});

it('tells only of the leads that its filter means, as they stood at the change', async () => {
  await world.addWebhook({ filter: { stage: ['paid'], source: ['google', 'bing'] } });
  const [a, b] = [randomUUID(), randomUUID()];
  await world.append(world.accountId, [
    { leadId: a, stage: 'Form Started', sourceName: 'google' },
    { leadId: a, stage: 'Paid', sourceName: 'google' },
    { leadId: b, stage: 'Paid', sourceName: 'facebook' },
    { leadId: a, stage: 'Form Started', sourceName: 'google' },
  ]);
  await world.engine.runDue();
  expect(seqsOf(world.calls)).toEqual([2]);
});

it('forgets tries after 30 days, and not that something was delivered', async () => {
  const webhookId = await world.addWebhook();
  await world.append(world.accountId, changesOf([randomUUID()]));
  await world.pass(20 * day);
  await world.append(world.accountId, changesOf([randomUUID()]));
  await world.pass(15 * day);
  expect(await forgetOldAttempts(world.database.writePool, world.now)).toBe(1);
  expect(await world.database.prisma.attempt.count({ where: { webhookId } })).toBe(1);
  expect(await world.deliveries(webhookId)).toMatchObject([{ status: 'DELIVERED' }, { status: 'DELIVERED' }]);
});

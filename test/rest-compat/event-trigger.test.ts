import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { passTime } from '../events/store.ts';
import type { TestApp } from '../support/app.ts';
import { countRows, lead, money, organization, refused, startEventApp } from './event-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startEventApp();
});
afterAll(() => app.end());

const trigger = (body: unknown, headers?: Record<string, string>) => app.send('POST', '/api/event/trigger', body, headers);

describe('POST /api/event/trigger', () => {
  it('fires an event without a key', async () => {
    const { transactionId } = await lead(app);
    const { status, body } = await trigger({ cid: 'spring', event_id: 'qualified', transaction_id: transactionId });
    expect([status, body]).toEqual([200, { status: 200, type: 'success', message: 'Event fired successfully' }]);
  });

  it('fires a conversion with its revenue', async () => {
    const { id, transactionId } = await lead(app);
    const { status, body } = await trigger({ cid: 'spring', event_id: 'sale', transaction_id: transactionId, revenue: 49.99 });
    expect([status, body]).toEqual([200, { status: 200, type: 'success', message: 'Conversion event fired successfully', revenue: 49.99 }]);
    expect(await money(app, id)).toEqual({ revenue: '49.99', cost: '0', adSpend: '0', payout: '4.999' });
  });

  it.each([
    [{ cid: 'spring', transaction_id: 'x' }, 'Missing event_id', { event_id: 'is required' }],
    [{ cid: 'spring', event_id: 'sale' }, 'Missing transaction_id', { transaction_id: 'is required' }],
    [{ event_id: 'sale', transaction_id: 'x' }, 'Missing cid', { cid: 'is required' }],
    [{ revenue: 'x' }, 'Missing event_id', { event_id: 'is required', transaction_id: 'is required', cid: 'is required' }],
    [{ cid: ' ', event_id: null, transaction_id: '' }, 'Missing event_id', expect.anything()],
  ])('names what is missing in %j', async (body, message, missingFields) => {
    expect(await trigger(body)).toMatchObject({ status: 400, body: { status: 400, type: 'error', message, missingFields } });
  });

  it('rows 18 and 47: checks in the documented order: campaign, lead, event, source, revenue, lock, duplicate', async () => {
    const { transactionId } = await lead(app);
    const before = await countRows(app);
    const bad = { cid: 'nope', event_id: 'nope', transaction_id: 'nope', pid: 'nope', revenue: 'NaN' };
    expect(await trigger(bad)).toMatchObject(refused(400, 'Invalid cid', 'CAMPAIGN_NOT_FOUND'));
    expect(await trigger({ ...bad, cid: 'spring' })).toMatchObject(refused(400, 'Lead not found', 'LEAD_NOT_FOUND'));
    const found = { ...bad, cid: 'spring', transaction_id: transactionId };
    expect(await trigger(found)).toMatchObject(refused(400, 'Invalid event_id', 'UNKNOWN_EVENT'));
    expect(await trigger({ ...found, event_id: 'off' })).toMatchObject(refused(400, 'Invalid event_id', 'UNKNOWN_EVENT'));
    expect(await trigger({ ...found, event_id: 'sale' })).toMatchObject(refused(403, 'Source is inactive', 'SOURCE_INACTIVE'));
    const known = { ...found, event_id: 'sale', pid: 'organic' };
    expect(await trigger(known)).toMatchObject(refused(400, 'Invalid revenue', 'VALIDATION_FAILED'));
    expect(await trigger({ ...known, revenue: undefined })).toMatchObject(
      refused(400, 'Missing revenue for conversion event', 'REVENUE_REQUIRED'),
    );
    expect(await countRows(app)).toEqual(before);
    expect(await trigger({ ...known, revenue: 1 })).toMatchObject({ status: 200 });
    expect(await trigger({ ...known, revenue: 1 })).toMatchObject(refused(403, 'Event is already being processed', 'EVENT_IN_PROGRESS'));
    await passTime(app, 1000);
    expect(await trigger({ ...known, revenue: 1 })).toMatchObject({ status: 403 });
    await passTime(app, 1000);
    expect(await trigger({ ...known, revenue: 1 })).toMatchObject(refused(400, 'Duplicate event', 'DUPLICATE_EVENT'));
  });

  it('lets an event that allows repeats be fired again after the lock', async () => {
    const { id, transactionId } = await lead(app);
    const body = { cid: 'spring', event_id: 'page_view', transaction_id: transactionId, revenue: 5 };
    expect((await trigger(body)).status).toBe(200);
    expect((await trigger(body)).status).toBe(403);
    await passTime(app, 2000);
    expect((await trigger(body)).status).toBe(200);
    expect(await money(app, id)).toMatchObject({ revenue: '0' });
  });

  it.each([
    ['1e400', 400],
    ['"NaN"', 400],
    ['-1', 400],
    ['"12"', 200, '12'],
    ['1e13', 400],
    ['9999999999999.999999', 200, '9999999999999.999999'],
    ['0.10000000000000000001', 400],
    ['12345678901.123456789012345678', 200, '12345678901.123456789012345678'],
    ['18.505', 200, '18.505'],
    ['0.30000000000000004', 200, '0.30000000000000004'],
    ['"0.123456789012345678"', 200, '0.123456789012345678'],
    ['"0.1234567890123456789"', 400],
    ['0', 200, '0'],
    ['0.0000005', 200, '0.0000005'],
    ['1.5e1', 200, '15'],
    ['4.99900000000000000e1', 200, '49.99'],
    ['18.505000000000000000000', 200, '18.505'],
    ['1234567890123456.789E-6', 200, '1234567890.123456789'],
    ['1234567890123456789e-18', 200, '1.234567890123456789'],
    ['0.000000000000000000000e999999999', 200, '0'],
    ['1.00000000000000000e13', 400],
    ['1.00000000000000001e-17', 400],
    ['1.00000000000000000e999999999', 400],
    ['""', 400],
    ['{}', 400],
    ['true', 400],
  ])('row 17: takes the revenue %s: %i', async (revenue, status, stored?: string) => {
    const { id, transactionId } = await lead(app);
    const answer = await trigger(`{"cid":"spring","event_id":"sale","transaction_id":"${transactionId}","revenue":${revenue}}`);
    expect(answer.status).toBe(status);
    if (stored !== undefined) expect((await money(app, id)).revenue).toBe(stored);
    if (status === 400) expect((await money(app, id)).revenue).toBe('0');
  });

  it('takes the id of the lead as its transaction id, and sees through every spelling', async () => {
    const { id, uuid, transactionId } = await lead(app);
    expect(transactionId).toBe(`txn_${uuid}`);
    expect((await trigger({ cid: 'spring', event_id: 'qualified', transaction_id: uuid })).status).toBe(200);
    for (const spelling of [id, transactionId, uuid.toUpperCase()]) {
      expect((await trigger({ cid: 'spring', event_id: 'qualified', transaction_id: spelling })).status).toBe(403);
    }
  });

  it('answers an amount as a number wherever a number is exactly it', async () => {
    const { transactionId } = await lead(app);
    const { body } = await trigger({ cid: 'spring', event_id: 'sale', transaction_id: transactionId, revenue: '0.0000005' });
    expect(body.revenue).toBe(0.0000005);
  });

  it('answers an error in the order of the documented schema', async () => {
    const { body } = await trigger({ cid: 'spring', event_id: [] });
    expect(Object.keys(body)).toEqual(['status', 'type', 'message', 'missingFields', 'invalidFields', 'code', 'request_id']);
  });

  it('answers in the same shape when the body is no JSON', async () => {
    expect(await trigger('{')).toMatchObject({
      status: 400,
      body: { status: 400, type: 'error', code: 'INVALID_JSON', request_id: expect.any(String) },
    });
    expect(await trigger([])).toMatchObject({ status: 400, body: { type: 'error', code: 'VALIDATION_FAILED' } });
  });

  it('runs once under an idempotency key, and gives its answer again', async () => {
    const { id, transactionId } = await lead(app);
    const body = { cid: 'spring', event_id: 'sale', transaction_id: transactionId, revenue: '7.5' };
    const answers = await Promise.all(Array.from({ length: 50 }, () => trigger(body, { 'idempotency-key': 'sale-1' })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
    expect(await trigger({ ...body, revenue: '8' }, { 'idempotency-key': 'sale-1' })).toMatchObject({
      status: 422,
      body: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
    expect((await money(app, id)).revenue).toBe('7.5');
  });
});

it.each(['', 'k'.repeat(256), 'two words'])('refuses the idempotency key %j', async (idempotencyKey) => {
  const headers = { 'idempotency-key': idempotencyKey };
  for (const path of ['/api/event/trigger', '/api/event/spring', `/api/event/global/${await organization(app)}`]) {
    expect(await app.send('POST', path, {}, headers)).toMatchObject({
      status: 400,
      body: { type: 'error', code: 'IDEMPOTENCY_KEY_INVALID' },
    });
  }
});

it('reads no key: a wrong one does not matter', async () => {
  const { transactionId } = await lead(app);
  const body = { cid: 'spring', event_id: 'qualified', transaction_id: transactionId };
  expect(await trigger(body, { 'x-api-key': 'wrong', authorization: 'Bearer wrong' })).toMatchObject({ status: 200 });
});

describe('a page of another origin', () => {
  const preflight = {
    origin: 'https://landing.test',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type',
  };

  it('may send JSON to the event endpoints, and read the answer', async () => {
    for (const path of ['/api/event/trigger', '/api/event/spring', '/api/event/global/anybody']) {
      const { status, headers } = await app.send('OPTIONS', path, undefined, preflight);
      expect([status, headers.get('access-control-allow-origin'), headers.get('access-control-allow-methods')]).toEqual([204, '*', 'POST']);
      expect(headers.get('access-control-allow-headers')).toContain('Content-Type');
    }
    const { transactionId } = await lead(app);
    const body = { cid: 'spring', event_id: 'qualified', transaction_id: transactionId };
    for (const status of [200, 403]) {
      const answer = await trigger(body, { origin: 'https://landing.test' });
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([status, '*']);
    }
  });

  it('may not call what asks for a key', async () => {
    for (const path of ['/api/postback', '/leads', '/leads/intake', '/webhooks/crm/lead', '/api/leads']) {
      const { status, headers } = await app.send('OPTIONS', path, undefined, preflight);
      expect([status, headers.get('access-control-allow-origin')]).toEqual([405, null]);
    }
  });
});

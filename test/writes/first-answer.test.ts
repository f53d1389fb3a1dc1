import { afterAll, beforeAll, expect, it } from 'vitest';
import { mutate } from '../events/store.ts';
import { asRoot, makeSource, rootKey } from '../sources/intake.ts';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ API_KEY: rootKey });
});
afterAll(() => app.end());

it('a repeat of a lead that was accepted gets its first answer, though its source would refuse it by now', async () => {
  const { id } = await makeSource(app);
  const input = {
    sourceId: id,
    contact: { email: 'again@x.test' },
    metadata: { trustedFormUrl: 'https://cert.trustedform.com/x' },
    customer: {},
    idempotencyKey: 'again',
  };
  const first = await mutate(app, 'submitLead', input, 'lead { id } submission { id }', asRoot);
  await mutate(app, 'updateSource', { sourceId: id, allowedStates: ['TX'] }, 'source { id }', asRoot);
  expect(await mutate(app, 'submitLead', input, 'lead { id } submission { id }', asRoot)).toEqual(first);
  const { idempotencyKey: _, ...without } = input;
  expect(await mutate(app, 'submitLead', without, 'lead { id }', asRoot)).toMatchObject({ code: 'VALIDATION_FAILED' });
  expect(await mutate(app, 'submitLead', { ...without, idempotencyKey: 'new' }, 'lead { id }', asRoot)).toMatchObject({
    code: 'VALIDATION_FAILED',
  });
});

it('a repeat gets its first answer, whatever the sender calls the keys of its own data', async () => {
  const body = { email: 'marks@x.test', note: { $decimal: 'abc', $date: 'soon', $bigint: 'x' }, custom_data: { $date: '2026-01-01' } };
  const send = () => app.send('POST', '/api/postback', body, { ...asRoot, 'idempotency-key': 'marks' });
  const first = await send();
  const again = await send();
  expect([again.status, again.body]).toEqual([first.status, first.body]);
  expect([first.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
});

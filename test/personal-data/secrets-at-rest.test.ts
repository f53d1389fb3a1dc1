import { afterAll, beforeAll, expect, it } from 'vitest';
import { mutate } from '../events/store.ts';
import { until } from '../live/change-log.ts';
import { flatLead, makeSource } from '../sources/intake.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { type Receiver, startReceiver } from '../webhooks/receiver.ts';
import { findWords, readEverything } from './dump.ts';

const rootKey = 'the-root-key';
const crmSecret = 'a-secret-of-the-crm';
const secretsKey = 'a key for this test only';
const asRoot = { 'x-api-key': rootKey };
let app: TestApp;
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
  app = await startApp({ API_KEY: rootKey, CRM_WEBHOOK_SECRET: crmSecret, SECRETS_KEY: secretsKey, WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' });
});
afterAll(async () => {
  await app.end();
  await receiver.close();
});

const once = (key: string) => ({ 'idempotency-key': key });

it('keeps no key and no secret in clear in any column of any table', async () => {
  const headers = { Authorization: 'Bearer value-of-a-header', 'X-Api-Token': 'another-value-of-a-header' };
  const { token } = await mutate(app, 'createApiKey', { name: 'Website', scope: 'ADMIN' }, 'token', asRoot);
  const other = await mutate(app, 'createAccount', { name: 'Others' }, 'token', asRoot);
  const source = await makeSource(app);
  const rotated = await mutate(app, 'rotateSourceKey', { sourceId: source.id }, 'key', asRoot);
  const chosen = `whsec_${Buffer.from('thirty-two bytes of own choosing').toString('base64')}`;
  const { secret, webhook } = await mutate(
    app,
    'createWebhook',
    { name: 'Buyer', url: `${receiver.url}/x`, headers },
    'secret webhook { id }',
    asRoot,
  );
  const second = await mutate(app, 'rotateWebhookSecret', { webhookId: webhook.id, secret: chosen }, 'secret', asRoot);
  const third = await mutate(app, 'rotateWebhookSecret', { webhookId: webhook.id }, 'secret', asRoot);
  await mutate(
    app,
    'updateWebhook',
    { webhookId: webhook.id, headers: { Authorization: 'the-newest-value-of-a-header' } },
    'webhook { id }',
    asRoot,
  );

  // All of them in use, at every door, with answers that are stored.
  await app.send('POST', '/api/postback', { email: 'a@example.com' }, { 'x-api-key': token, ...once('1') });
  await app.send('POST', '/api/postback', { email: 'b@example.com' }, { authorization: `Bearer ${other.token}`, ...once('2') });
  await app.send('POST', '/api/postback', { email: 'c@example.com' }, { ...asRoot, ...once('3') });
  await app.send('POST', '/leads/intake', flatLead(), { ...source.headers, ...once('4') });
  await app.send('POST', '/leads/intake', flatLead(), { authorization: `Bearer ${rotated.key}`, ...once('5') });
  await app.send('POST', '/leads/intake', flatLead({ state: 'ZZ' }), source.headers);
  await app.send('POST', '/webhooks/crm/lead', { crm_lead_id: 'crm-1' }, { authorization: `Bearer ${crmSecret}`, ...once('6') });
  await app.graphql('{ leads { totalCount } }', {}, { 'x-api-key': token });
  await until('the webhook was called with the newest header', () =>
    receiver.calls.some((call) => call.headers.authorization === 'the-newest-value-of-a-header'),
  );
  await until('and that is noted', async () =>
    (await readEverything(app.database.url)).some(({ table, text }) => table === 'Attempt' && text === '200'),
  );

  const secrets = [rootKey, crmSecret, secretsKey, token, other.token, source.key, rotated.key, secret, second.secret, third.secret];
  expect(new Set(secrets).size).toBe(secrets.length);
  const bare = secrets.map((text) => text.replace(/^(whsec_|lg_[a-z]+_)/, ''));
  // What a secret spells once it is decoded, too.
  const spelled = ['thirty-two bytes of own choosing'];
  const values = [...Object.values(headers), 'value-of-a-header', 'the-newest-value-of-a-header'];
  const cells = await readEverything(app.database.url);
  expect(findWords(cells, [...secrets, ...bare, ...spelled, ...values])).toEqual([]);
  expect(findWords(cells, ['a@example.com', 'buyer']).length).toBeGreaterThan(2);
});

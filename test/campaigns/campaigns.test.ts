import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mutate } from '../events/store.ts';
import { type Json, startApp, type TestApp } from '../support/app.ts';

const key = { 'x-api-key': 'root-key-of-this-test' };
let app: TestApp;
beforeAll(async () => {
  app = await startApp({ API_KEY: key['x-api-key'] });
});
afterAll(() => app.end());

const settings = 'eventId enabled isConversion allowRepeats payout { fixed percent }';
const createType = (input: object, headers = key): Promise<Json> =>
  mutate(app, 'createEventType', input, 'eventType { id eventId name isConversion allowRepeats payout { fixed percent } }', headers);
const create = (input: object, headers = key): Promise<Json> =>
  mutate(app, 'createCampaign', input, `campaign { id cid name events { ${settings} } }`, headers);
const update = (input: object, headers = key): Promise<Json> =>
  mutate(app, 'updateCampaign', input, `campaign { cid name events { ${settings} } }`, headers);

async function newAccount(): Promise<typeof key> {
  const made = await mutate(app, 'createAccount', { name: crypto.randomUUID() }, 'token', key);
  return { 'x-api-key': made.token };
}

describe('a campaign', () => {
  it('picks events of the account and sets some of them differently', async () => {
    await createType({ eventId: 'sale', isConversion: true, payout: { percent: 10 } });
    const { campaign } = await create({
      cid: 'c1',
      name: 'First',
      events: [
        { eventId: 'sale', allowRepeats: true },
        { eventId: 'lead_sold', isConversion: true, payout: { fixed: '3.50' } },
        { eventId: 'call', enabled: false },
      ],
    });
    expect(campaign).toEqual({
      id: expect.stringMatching(/^cmp_/),
      cid: 'c1',
      name: 'First',
      events: [
        { eventId: 'sale', enabled: true, isConversion: true, allowRepeats: true, payout: { fixed: null, percent: '10' } },
        { eventId: 'lead_sold', enabled: true, isConversion: true, allowRepeats: false, payout: { fixed: '3.5', percent: null } },
        { eventId: 'call', enabled: false, isConversion: false, allowRepeats: false, payout: null },
      ],
    });
    const { data } = await app.graphql(
      '{ eventTypes { eventId } campaign(cid: "c1") { name } campaigns { totalCount nodes { cid } } }',
      undefined,
      key,
    );
    expect(data).toEqual({
      eventTypes: [{ eventId: 'sale' }, { eventId: 'lead_sold' }, { eventId: 'call' }],
      campaign: { name: 'First' },
      campaigns: { totalCount: 1, nodes: [{ cid: 'c1' }] },
    });
  });

  it('has all event types of the account when it picks none', async () => {
    const account = await newAccount();
    await createType({ eventId: 'a' }, account);
    expect((await create({ cid: 'c2' }, account)).campaign).toMatchObject({ name: 'c2', events: [{ eventId: 'a' }] });
    await createType({ eventId: 'b' }, account);
    const { data } = await app.graphql('{ campaign(cid: "c2") { events { eventId } } }', undefined, account);
    expect(data.campaign.events).toEqual([{ eventId: 'a' }, { eventId: 'b' }]);
  });

  it('changes what is given, by id or cid', async () => {
    const account = await newAccount();
    const { campaign } = await create({ cid: 'c3', events: [{ eventId: 'x' }] }, account);
    expect((await update({ campaignId: campaign.id, name: 'Third' }, account)).campaign).toMatchObject({
      cid: 'c3',
      name: 'Third',
      events: [{ eventId: 'x' }],
    });
    expect((await update({ campaignId: 'c3', cid: 'c3b', events: [{ eventId: 'y' }] }, account)).campaign).toMatchObject({
      cid: 'c3b',
      events: [{ eventId: 'y' }],
    });
    expect(await update({ campaignId: 'c3' }, account)).toMatchObject({ code: 'CAMPAIGN_NOT_FOUND' });
  });

  it('has a cid that no other account can take, and that other accounts do not see', async () => {
    const account = await newAccount();
    await create({ cid: 'mine' }, account);
    expect(await create({ cid: 'mine' })).toMatchObject({ code: 'ID_TAKEN' });
    expect(await update({ campaignId: 'mine', name: 'Stolen' })).toMatchObject({ code: 'CAMPAIGN_NOT_FOUND' });
    const { data } = await app.graphql('{ campaign(cid: "mine") { id } }', undefined, key);
    expect(data.campaign).toBeNull();
  });

  it.each([
    [{ cid: '' }, ['cid']],
    [{ cid: 'trigger' }, ['cid']],
    [{ cid: 'a/b' }, ['cid']],
    [{ cid: 'bad', events: [{ eventId: ' ' }] }, ['events', '0', 'eventId']],
    [{ cid: 'bad', events: [{ eventId: 'e' }, { eventId: 'e' }] }, ['events']],
    [{ cid: 'bad', events: [{ eventId: 'e', payout: { fixed: '-1' } }] }, ['events', '0', 'payout', 'fixed']],
    [{ cid: 'bad', events: [{ eventId: 'e', payout: { percent: '1001' } }] }, ['events', '0', 'payout', 'percent']],
  ])('refuses %j', async (input, path) => {
    expect(await create(input)).toMatchObject({ code: 'VALIDATION_FAILED', issues: [{ path }] });
  });

  it('is for administrators to configure', async () => {
    const made = await mutate(app, 'createApiKey', { name: 'Viewer', scope: 'EDITOR' }, 'token', key);
    const answer = await app.graphql('mutation { createCampaign(input: { cid: "no" }) { __typename } }', undefined, {
      'x-api-key': made.token,
    });
    expect(answer.errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
  });
});

describe('an event type', () => {
  it('is unique in its account, and may be changed', async () => {
    const account = await newAccount();
    const { eventType } = await createType({ eventId: 'e', name: 'E', payout: { fixed: 1 } }, account);
    expect(await createType({ eventId: 'e' }, account)).toMatchObject({ code: 'ID_TAKEN' });
    const changed = await mutate(
      app,
      'updateEventType',
      { eventTypeId: eventType.id, isConversion: true, payout: null },
      'eventType { name isConversion payout { fixed } }',
      account,
    );
    expect(changed.eventType).toEqual({ name: 'E', isConversion: true, payout: null });
    expect(await mutate(app, 'updateEventType', { eventTypeId: eventType.id }, 'eventType { name }', key)).toMatchObject({
      code: 'EVENT_TYPE_NOT_FOUND',
    });
  });
});

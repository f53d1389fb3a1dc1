import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Json, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.end());

const recordPostback = `mutation ($input: RecordPostbackInput!) {
  recordPostback(input: $input) {
    __typename
    ... on RecordPostbackSuccess {
      created
      stageOutcome
      lead { number email firstName stage { name } sourceName customData phoneE164 stageHistory(first: 10) { nodes { fromStage toStage forced } } }
      submission { outcome fields reasons dialect body }
    }
    ... on Error { code }
    ... on InvalidInputError { issues { path } }
    ... on UnknownStageError { stages }
  }
}`;

async function record(input: object): Promise<Json> {
  const answer = await app.graphql(recordPostback, { input });
  expect(answer.errors).toBeUndefined();
  return answer.data.recordPostback;
}

describe('a postback', () => {
  it('makes a lead at the first stage when it names none', async () => {
    const answer = await record({ email: 'new@example.com', firstName: 'New' });
    expect(answer).toMatchObject({
      __typename: 'RecordPostbackSuccess',
      created: true,
      stageOutcome: 'APPLIED',
      lead: {
        email: 'new@example.com',
        stage: { name: 'Form Started' },
        stageHistory: { nodes: [{ fromStage: null, toStage: 'Form Started', forced: false }] },
      },
      submission: { outcome: 'CREATED', fields: { email: 'SET', firstName: 'SET' }, reasons: [], dialect: 'graphql' },
    });
  });

  it('finds the lead again by its email whatever the case, and keeps what it does not mention', async () => {
    await record({ email: 'Jo@Example.com', firstName: 'Jo', source: 'google' });
    const answer = await record({ email: ' jo@example.COM', stage: 'paid', firstName: '' });
    expect(answer).toMatchObject({
      created: false,
      stageOutcome: 'APPLIED',
      lead: { firstName: 'Jo', sourceName: 'google', stage: { name: 'Paid' } },
      submission: { outcome: 'UPDATED', fields: { firstName: 'KEPT' } },
    });
  });

  it('keeps the stage when asked to step back, and says so; forced, it steps back', async () => {
    await record({ email: 'back@example.com', stage: 'Paid' });
    const kept = await record({ email: 'back@example.com', stage: 'Form Started', firstName: 'Still saved' });
    expect(kept).toMatchObject({
      stageOutcome: 'KEPT',
      lead: { firstName: 'Still saved', stage: { name: 'Paid' } },
      submission: { reasons: ['STAGE_KEPT'] },
    });
    const forced = await record({ email: 'back@example.com', stage: 'Form Started', forceStage: true });
    expect(forced).toMatchObject({ stageOutcome: 'FORCED', lead: { stage: { name: 'Form Started' } } });
    expect(forced['lead'].stageHistory.nodes.at(-1)).toEqual({ fromStage: 'Paid', toStage: 'Form Started', forced: true });
  });

  it('merges custom data key by key and keeps dangerous keys as plain data', async () => {
    await record({ email: 'custom@example.com', customData: { a: 1, b: { c: 2 } } });
    const answer = await record({ email: 'custom@example.com', customData: JSON.parse('{"a":3,"__proto__":{"admin":true},"b":null}') });
    expect(JSON.stringify(answer['lead'].customData)).toBe('{"a": 3, "b": {"c": 2}, "__proto__": {"admin": true}}'.replaceAll(' ', ''));
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('lets the lead id decide, and reports an email that belongs to another lead', async () => {
    const { id: a } = (
      await app.graphql(`mutation { recordPostback(input: { email: "a@conflict.test" }) { ... on RecordPostbackSuccess { lead { id } } } }`)
    ).data.recordPostback.lead;
    await record({ email: 'b@conflict.test' });
    const answer = await record({ leadId: a, email: 'b@conflict.test', firstName: 'A' });
    expect(answer).toMatchObject({
      created: false,
      lead: { email: 'a@conflict.test', firstName: 'A' },
      submission: { fields: { email: 'CONFLICT', firstName: 'SET' }, reasons: ['EMAIL_CONFLICT'] },
    });
  });

  it('falls through to the email, then to a new lead, when the lead id matches nothing', async () => {
    await record({ email: 'through@example.com', firstName: 'First' });
    expect(await record({ leadId: '00000000-0000-7000-8000-000000000000', email: 'through@example.com' })).toMatchObject({
      created: false,
    });
    expect(await record({ leadId: 'not-a-uuid' })).toMatchObject({ created: true, lead: { email: null } });
  });

  it('stores the receipt of a repetition that says nothing new', async () => {
    await record({ email: 'same@example.com', firstName: 'Same' });
    expect(await record({ email: 'same@example.com', firstName: 'Same' })).toMatchObject({
      created: false,
      stageOutcome: 'UNCHANGED',
      submission: { outcome: 'UNCHANGED', fields: { email: 'KEPT', firstName: 'KEPT' } },
    });
  });

  it('names every broken rule at once and stores nothing', async () => {
    const before = (await app.graphql('{ leads { totalCount } submissions { totalCount } changes { totalCount } }')).data;
    const answer = await record({
      email: 'two@@example.com',
      deviceType: 'fridge',
      form: { completionPercent: 101, fieldsTotal: -1 },
      customData: [],
    });
    expect(answer).toMatchObject({
      __typename: 'InvalidInputError',
      code: 'VALIDATION_FAILED',
      issues: [
        { path: ['email'] },
        { path: ['deviceType'] },
        { path: ['form', 'completionPercent'] },
        { path: ['form', 'fieldsTotal'] },
        { path: ['customData'] },
      ],
    });
    expect((await app.graphql('{ leads { totalCount } submissions { totalCount } changes { totalCount } }')).data).toEqual(before);
  });

  it('refuses a stage that the pipeline does not know, and lists those it knows', async () => {
    expect(await record({ email: 'stage@example.com', stage: 'Nirvana' })).toMatchObject({
      code: 'UNKNOWN_STAGE',
      stages: expect.arrayContaining(['Form Started', 'Paid']),
    });
  });

  it('row 13: replaces what the database cannot hold and says where', async () => {
    const answer = await record({ email: 'nul@example.com', firstName: 'A\0B', customData: { note: 'x\uD800y' } });
    expect(answer).toMatchObject({
      lead: { firstName: 'A\uFFFDB', customData: { note: 'x\uFFFDy' } },
      submission: { reasons: ['CHAR_REPLACED: customData.note', 'CHAR_REPLACED: firstName'] },
    });
  });

  it('row 45: gives 64 simultaneous posts of one new email one lead', async () => {
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, i) => record({ email: 'race@example.com', customData: { [`k${i}`]: i } })),
    );
    expect(answers.filter((answer) => answer['created'])).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer['lead'].number)).size).toBe(1);
    const { lead } = (await app.graphql('{ lead(by: { email: "race@example.com" }) { customData submissions { totalCount } } }')).data;
    expect(Object.keys(lead.customData)).toHaveLength(64);
    expect(lead.submissions.totalCount).toBe(64);
  });
});

describe('an idempotency key', () => {
  it('gives the first answer again, also after the lead changed', async () => {
    const input = { email: 'idem@example.com', firstName: 'Once', idempotencyKey: 'k-1' };
    const first = await record(input);
    await record({ email: 'idem@example.com', firstName: 'Changed' });
    expect(await record(input)).toEqual({ ...first, lead: { ...first['lead'], stageHistory: expect.anything() } });
  });

  it('runs one of 50 simultaneous requests', async () => {
    const input = { email: null, firstName: 'Anonymous', idempotencyKey: 'k-50' };
    const answers = await Promise.all(Array.from({ length: 50 }, () => record(input)));
    expect(new Set(answers.map((answer) => answer['lead'].number)).size).toBe(1);
  });

  it('refuses another input under the same key', async () => {
    await record({ email: 'reuse@example.com', idempotencyKey: 'k-2' });
    expect(await record({ email: 'other@example.com', idempotencyKey: 'k-2' })).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it.each(['', 'x'.repeat(256), 'tab\tbed', 'ü'])('refuses the key %j', async (idempotencyKey) => {
    expect(await record({ email: 'bad@example.com', idempotencyKey })).toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ path: ['idempotencyKey'] }],
    });
  });
});

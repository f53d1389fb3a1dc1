import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { asAccount, type CrmAccount, newAccount } from './crm-story.ts';

const rootKey = 'root-key-of-this-test';
let app: TestApp;
let me: CrmAccount;
beforeAll(async () => {
  app = await startApp({ API_KEY: rootKey, CRM_WEBHOOK_SECRET: 's' });
  me = await newAccount(app, rootKey);
});
afterAll(() => app.end());

describe('CRM activity', () => {
  it('stands on the lead that has the CRM id, and leaves the lead as it is', async () => {
    const { lead } = await me.postback({ email: 'one@crm.test', crmLeadId: 'crm-1' });
    const before = await me.ask('query ($id: ID!) { lead(by: { id: $id }) { updatedAt stage { name } } }', { id: lead.id });
    expect(await me.record('crm-1', { crm_lead_id: 'crm-1', status: 'won' }, { eventType: 'status_changed' })).toMatchObject({
      stored: true,
      lead: { number: lead.number },
      activity: { crmLeadId: 'crm-1', eventType: 'status_changed', status: 'won' },
    });
    expect(await me.ask('query ($id: ID!) { lead(by: { id: $id }) { updatedAt stage { name } } }', { id: lead.id })).toEqual(before);
    const { timeline } = await me.story(lead.id);
    expect(timeline.nodes[0]).toMatchObject({ type: 'crm.activity', label: 'CRM', summary: 'CRM: status changed, won' });
    expect(timeline.nodes[1]).toMatchObject({ type: 'lead.created', label: 'Lead' });
  });

  it('finds a follow-up by the CRM id of its submission, the newest of several, and a lead before any submission', async () => {
    const { lead: a } = await me.postback({ email: 'a@follow.test', crmLeadId: 'first' });
    const followUp = await me.postback({ email: 'a@follow.test', crmLeadId: 'second' });
    expect(followUp).toMatchObject({ lead: { crmLeadId: 'first' }, submission: { crmLeadId: 'second', fields: { crmLeadId: 'KEPT' } } });
    expect(await me.record('second', {})).toMatchObject({ stored: true, lead: { number: a.number } });
    expect(await me.ask('{ lead(by: { crmLeadId: "second" }) { id } }')).toEqual({ lead: { id: a.id } });

    const { lead: b } = await me.postback({ email: 'b@follow.test', crmLeadId: 'b-own' });
    await me.postback({ email: 'b@follow.test', crmLeadId: 'second' });
    expect(await me.record('second', {})).toMatchObject({ lead: { number: b.number } });

    const { lead: c } = await me.postback({ email: 'c@follow.test', crmLeadId: 'second' });
    expect(await me.record('second', {})).toMatchObject({ lead: { number: c.number } });
  });

  it('row 48: is kept ten times when it comes ten times, and ordered by when it happened', async () => {
    const { lead } = await me.postback({ email: 'ten@crm.test', crmLeadId: 'ten' });
    const message = { crm_lead_id: 'ten', updated_at: '2026-03-05T10:00:00Z' };
    await Promise.all(Array.from({ length: 10 }, () => me.record('ten', message)));
    await me.record('ten', { updated_at: '2026-03-05T09:00:00Z' }, { eventType: 'older' });
    const { crmActivity, timeline } = await me.story(lead.id);
    expect(crmActivity.totalCount).toBe(11);
    expect(crmActivity.nodes.at(-1).eventType).toBe('older');
    // It happened before we knew the lead.
    expect(timeline.nodes.map((change: { type: string }) => change.type)).toEqual([
      'lead.created',
      ...Array.from({ length: 11 }, () => 'crm.activity'),
    ]);
  });

  it('pages both ways without hole or repeat', async () => {
    const { lead } = await me.postback({ email: 'pages@crm.test', crmLeadId: 'pages' });
    for (const minute of [3, 1, 2, 2, 2])
      await me.record('pages', { updated_at: `2026-03-05T10:0${minute}:00Z` }, { eventType: `m${minute}` });
    const page = (args: string) =>
      me.ask(
        `{ lead(by: { id: "${lead.id}" }) { crmActivity(${args}) { nodes { id eventType } pageInfo { endCursor startCursor hasNextPage } } } }`,
      );
    const all = (await page('first: 100')).lead.crmActivity.nodes;
    expect(all.map((one: { eventType: string }) => one.eventType)).toEqual(['m3', 'm2', 'm2', 'm2', 'm1']);
    const first = (await page('first: 3')).lead.crmActivity;
    const rest = (await page(`first: 3, after: "${first.pageInfo.endCursor}"`)).lead.crmActivity;
    expect([...first.nodes, ...rest.nodes]).toEqual(all);
    expect(rest.pageInfo.hasNextPage).toBe(false);
    expect((await page(`last: 2, before: "${rest.pageInfo.startCursor}"`)).lead.crmActivity.nodes).toEqual(all.slice(1, 3));
  });

  it('row 49: waits without a lead, is listed, and is bound when a lead gets the id', async () => {
    const answer = await me.record('later', { updated_at: '2026-03-05T10:00:00Z' });
    expect(answer).toMatchObject({ stored: false, lead: null, activity: { crmLeadId: 'later' } });
    const unmatched = '{ unmatchedCrmActivity { totalCount nodes { id crmLeadId lead { id } } } }';
    expect((await me.ask(unmatched)).unmatchedCrmActivity).toEqual({
      totalCount: 1,
      nodes: [{ id: answer.activity.id, crmLeadId: 'later', lead: null }],
    });
    const { lead } = await me.postback({ email: 'later@crm.test' });
    expect(await me.link({ leadId: lead.id, crmLeadId: ' later ' })).toMatchObject({ bound: 1, lead: { crmLeadId: 'later' } });
    expect(await me.link({ leadId: lead.id, crmLeadId: 'later' })).toMatchObject({ bound: 0 });
    expect((await me.ask(unmatched)).unmatchedCrmActivity.totalCount).toBe(0);
    const { data } = await app.graphql(
      `query ($id: ID!) { node(id: $id) { ... on CrmActivity { lead { id } } } }`,
      { id: answer.activity.id },
      { 'x-api-key': rootKey },
    );
    expect(data.node).toBeNull();
    const change = (await me.story(lead.id)).timeline.nodes.at(-1);
    expect(change).toMatchObject({ type: 'crm.activity', occurredAt: '2026-03-05T10:00:00.000Z' });
  });

  it('says when we heard of it, not when it was bound', async () => {
    const { activity } = await me.record('heard', {});
    const { lead } = await me.postback({ email: 'heard@crm.test', crmLeadId: 'heard' });
    const { lead: story } = await me.ask(
      'query ($id: ID!) { lead(by: { id: $id }) { timeline { nodes { type receivedAt recordedAt } } } }',
      {
        id: lead.id,
      },
    );
    const change = story.timeline.nodes.find(({ type }: { type: string }) => type === 'crm.activity');
    expect(change.receivedAt).toBe(activity.receivedAt);
    expect(change.recordedAt > change.receivedAt).toBe(true);
  });

  it('goes with its lead, and what comes after waits again', async () => {
    const { lead } = await me.postback({ email: 'gone@crm.test', crmLeadId: 'gone' });
    const { activity } = await me.record('gone', {});
    await me.ask('mutation ($leadId: ID!) { deleteLead(input: { leadId: $leadId }) { __typename } }', { leadId: lead.id });
    expect(await me.ask('query ($id: ID!) { node(id: $id) { id } }', { id: activity.id })).toEqual({ node: null });
    expect(await me.record('gone', {})).toMatchObject({ stored: false });
  });

  it('is refused as a whole when it names no lead or is no object', async () => {
    expect(await me.record(' ', [] as object)).toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ path: ['crmLeadId'] }, { path: ['payload'] }],
    });
    expect(await me.record('x'.repeat(256), {})).toMatchObject({ code: 'VALIDATION_FAILED', issues: [{ path: ['crmLeadId'] }] });
    expect(await me.record('x\0', {})).toMatchObject({ code: 'VALIDATION_FAILED' });
  });
});

describe('linking', () => {
  it('gives the id to a submission of the lead, and refuses one of another', async () => {
    const { lead, submission } = await me.postback({ email: 'sub@link.test', crmLeadId: 'of-lead' });
    const { lead: other } = await me.postback({ email: 'other@link.test' });
    await me.record('of-submission', {});
    expect(await me.link({ leadId: other.id, submissionId: submission.id, crmLeadId: 'of-submission' })).toMatchObject({
      code: 'SUBMISSION_NOT_FOUND',
    });
    expect(await me.link({ submissionId: submission.id, crmLeadId: 'of-submission' })).toMatchObject({
      bound: 1,
      lead: { id: lead.id, crmLeadId: 'of-lead' },
    });
    const { timeline } = await me.story(lead.id);
    expect(timeline.nodes.map(({ type }: { type: string }) => type)).toEqual(['crm.linked', 'crm.activity', 'lead.created']);
    expect(
      await me.ask('query ($id: ID!) { node(id: $id) { ... on Submission { crmLeadId body } } }', { id: submission.id }),
    ).toMatchObject({
      node: { crmLeadId: 'of-submission', body: { email: 'sub@link.test' } },
    });
    expect(await me.record('of-lead', {})).toMatchObject({ stored: true });
  });

  it('needs something to link', async () => {
    expect(await me.link({ crmLeadId: 'x' })).toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(await me.link({ leadId: 'nonsense', crmLeadId: 'x' })).toMatchObject({ code: 'LEAD_NOT_FOUND' });
    expect(await me.link({ leadId: crypto.randomUUID(), crmLeadId: 'x' })).toMatchObject({ code: 'LEAD_NOT_FOUND' });
    expect(await me.link({ submissionId: crypto.randomUUID(), crmLeadId: 'x' })).toMatchObject({ code: 'SUBMISSION_NOT_FOUND' });
  });

  it('is also what a source does that knows the CRM id', async () => {
    const { activity } = await me.record('of-source', {});
    const { createSource } =
      await me.ask(`mutation { createSource(input: { name: "Partner", complianceApproved: true, requiresTrustedForm: false }) {
      ... on CreateSourceSuccess { source { id } } } }`);
    const { submitLead } = await me.ask(
      `mutation ($sourceId: ID!) { submitLead(input: { sourceId: $sourceId, metadata: { crmLeadId: "of-source" }, customer: {},
         contact: { firstName: "Jo", lastName: "Doe", email: "jo@source.test", phone: { number: "+15125550123" } } }) {
         __typename ... on Error { message } ... on SubmitLeadSuccess { lead { id crmLeadId crmActivity { nodes { id } } } submission { crmLeadId } } } }`,
      { sourceId: createSource.source.id },
    );
    expect(submitLead).toMatchObject({
      lead: { crmLeadId: 'of-source', crmActivity: { nodes: [{ id: activity.id }] } },
      submission: { crmLeadId: 'of-source' },
    });
  });

  it('is also what an edit does', async () => {
    await me.record('edited', {});
    const { lead } = await me.postback({ email: 'edit@link.test' });
    await me.ask('mutation ($leadId: ID!) { updateLead(input: { leadId: $leadId, crmLeadId: "edited" }) { __typename } }', {
      leadId: lead.id,
    });
    expect((await me.story(lead.id)).crmActivity.totalCount).toBe(1);
  });
});

describe('an account', () => {
  it('sees, finds and binds nothing of another', async () => {
    const other = await newAccount(app, rootKey);
    await me.postback({ email: 'mine@accounts.test', crmLeadId: 'shared' });
    expect(await other.record('shared', {})).toMatchObject({ stored: false });
    const { lead } = await me.postback({ email: 'mine2@accounts.test' });
    expect(await me.link({ leadId: lead.id, crmLeadId: 'shared' })).toMatchObject({ bound: 0 });
    const { activity } = await me.record('shared', {});
    expect(await other.ask('query ($id: ID!) { node(id: $id) { id } }', { id: activity.id })).toEqual({ node: null });
    expect((await other.ask('{ unmatchedCrmActivity { totalCount } }')).unmatchedCrmActivity.totalCount).toBe(1);
  });

  it('lets a key that may hand in leads record, but not look or link', async () => {
    const { createApiKey } = await me.ask(
      'mutation { createApiKey(input: { name: "Make.com", scope: INGEST }) { ... on CreateApiKeySuccess { token } } }',
    );
    const ingest = asAccount(app, createApiKey.token);
    await me.postback({ email: 'scope@accounts.test', crmLeadId: 'scope' });
    expect(await ingest.record('scope', { status: 'ok' })).toMatchObject({
      stored: true,
      lead: { email: null },
      activity: { actor: 'Make.com' },
    });
    for (const query of [
      '{ unmatchedCrmActivity { totalCount } }',
      'mutation { linkCrmLead(input: { leadId: "x", crmLeadId: "x" }) { __typename } }',
    ]) {
      const { errors } = await app.graphql(query, undefined, { 'x-api-key': createApiKey.token });
      expect(errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
    }
  });
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { Prisma } from '../../prisma/generated/client/client.ts';
import { emptyLead } from '../../src/leads/lead.ts';
import { newUuid } from '../../src/platform/ids.ts';
import type { Command } from '../../src/writes/draft.ts';
import { startApp as startLoggedApp } from '../http/running-app.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { asAccount, type CrmAccount } from './crm-story.ts';

let app: TestApp;
let me: CrmAccount;
let accountId: string;
beforeAll(async () => {
  app = await startApp();
  me = asAccount(app, 'anyone');
  accountId = (await me.ask('{ viewer { account { id } } }')).viewer.account.id.slice('acc_'.length);
});
afterAll(() => app.end());

/** An operation that forgot to name the CRM id it gives. */
const forgetful = (id: string, crmLeadId: string): Command<number> => ({
  operation: 'forgetful',
  touches: {},
  idempotency: null,
  apply(draft) {
    const zero = new Prisma.Decimal(0);
    const number = draft.nextLeadNumber();
    const lead = { ...emptyLead({ id, accountId, number, stage: 'Paid', createdAt: draft.now, zero }), crmLeadId };
    draft.put('Lead', lead);
    draft.recordChange({ type: 'lead.created', lead, origin: 'test', actor: 'test', summary: 'made', occurredAt: draft.now });
    return number;
  },
});

it('binds what waits though the operation did not name the CRM id', async () => {
  await Promise.all([me.record('forgot-1', {}), me.record('forgot-2', {}), me.record('forgot-2', {})]);
  const ids = [newUuid(), newUuid(), newUuid()];
  const commands = ids.map((id, i) => forgetful(id, `forgot-${i}`));
  await Promise.all(commands.map((command) => app.services.writer.write(accountId, 'test', command)));
  const counts = await Promise.all(ids.map(async (id) => (await me.story(id)).crmActivity.totalCount));
  expect(counts).toEqual([0, 1, 2]);
  expect((await me.ask('{ unmatchedCrmActivity { totalCount } }')).unmatchedCrmActivity.totalCount).toBe(0);
});

it('binds thousands in time, and what is more with the reports that follow', async () => {
  await app.services.database.writePool.query(
    `INSERT INTO "CrmActivity" (id, "accountId", "crmLeadId", "eventType", payload, dialect, actor, "occurredAt", "receivedAt")
     SELECT gen_random_uuid(), $1, 'crowd', 'updated', '{"n": 1.0}', 'test', 'test', now() - n * interval '1 minute', now() FROM generate_series(1, 6000) n`,
    [accountId],
  );
  const { lead } = await me.postback({ email: 'crowd@crm.test', crmLeadId: 'crowd' });
  expect((await me.story(lead.id)).crmActivity.totalCount).toBe(5000);
  await me.record('crowd', {});
  const { crmActivity, timeline } = await me.story(lead.id);
  expect([crmActivity.totalCount, timeline.totalCount]).toEqual([6001, 6002]);
  expect(crmActivity.nodes[50].payloadText).toBe('{"n": 1.0}');
});

it('logs neither secrets nor payloads', async () => {
  const server = await startLoggedApp({ CRM_WEBHOOK_SECRET: 'the-secret-of-the-crm' });
  const body = { crm_lead_id: 'crm-private', status: 'somebody private', email: 'private@example.com' };
  for (const secret of ['the-secret-of-the-crm', 'wrong-but-secret']) {
    await server.send('POST', '/webhooks/crm/lead', body, { 'x-api-key': secret });
    await server.send('POST', '/webhooks/crm/lead', {}, { authorization: `Bearer ${secret}` });
  }
  expect(server.logged()).toContain('/webhooks/crm/lead');
  expect(server.logged()).not.toMatch(/secret|private/);
  await server.close();
});

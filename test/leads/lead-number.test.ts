import { afterAll, beforeAll, expect, it } from 'vitest';
import { mutate, newLead } from '../events/store.ts';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.end());

it('whoever edits a lead names it by its id, or by the number that people know it by', async () => {
  await newLead(app, { email: 'first@example.com' });
  const { id, number } = await newLead(app, { email: 'second@example.com' });
  const leadId = String(number);
  expect(await mutate(app, 'updateLead', { leadId, company: 'Acme' }, 'lead { id company }')).toMatchObject({
    lead: { id, company: 'Acme' },
  });
  expect(await mutate(app, 'moveLead', { leadId, stage: 'Paid' }, 'lead { id }')).toMatchObject({ lead: { id } });
  expect(await mutate(app, 'linkCrmLead', { leadId, crmLeadId: 'crm-1' }, 'lead { id }')).toMatchObject({ lead: { id } });
  const { data } = await app.graphql('query ($leadId: ID!) { exportLead(leadId: $leadId) { leadId } }', { leadId });
  expect(data.exportLead).toEqual({ leadId: id });
  expect(await mutate(app, 'deleteLead', { leadId }, 'leadId')).toMatchObject({ leadId: id });
});

it.each(['updateLead', 'moveLead', 'linkCrmLead', 'deleteLead'])('%s finds no lead by a number that none has', async (name) => {
  const needed = { moveLead: { stage: 'Paid' }, linkCrmLead: { crmLeadId: 'crm-2' } }[name];
  for (const leadId of ['4711', '0', '-1', '99999999999', '1e3', ' ']) {
    const input = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    const query = `mutation ($input: ${input}!) { ${name}(input: $input) { ... on Error { code } } }`;
    const { data } = await app.graphql(query, { input: { leadId, ...needed } });
    expect(data[name], leadId).toEqual({ code: 'LEAD_NOT_FOUND' });
  }
});

import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Json, startApp, type TestApp } from '../support/app.ts';
import { type CrmAccount, newAccount } from './crm-story.ts';

const rootKey = 'root-key-of-this-test';
let app: TestApp;
beforeAll(async () => {
  app = await startApp({ API_KEY: rootKey });
});
afterAll(() => app.end());

const crmIds = ['x', 'y', 'z'] as const;

interface Message {
  readonly kind: 'message';
  readonly crmLeadId: string;
  readonly minute: number;
  readonly eventType: string;
}
interface Link {
  readonly kind: 'link';
  readonly crmLeadId: string;
  /** By which path the lead, or one of its submissions, gets the id. */
  readonly path: 'linkLead' | 'linkSubmission' | 'postback' | 'edit';
}
type Step = Message | Link;

/** Each message has a time of its own; some CRM ids are never linked to the lead. */
const scenarios = fc
  .record({
    minutes: fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 8 }),
    ids: fc.infiniteStream(fc.constantFrom(...crmIds)),
    words: fc.infiniteStream(fc.constantFrom('created', 'status_changed', 'note')),
    links: fc.uniqueArray(
      fc.record({
        crmLeadId: fc.constantFrom(...crmIds),
        path: fc.constantFrom<Link['path']>('linkLead', 'linkSubmission', 'postback', 'edit'),
      }),
      { selector: ({ crmLeadId }) => crmLeadId, maxLength: 3 },
    ),
  })
  .chain(({ minutes, ids, words, links }) => {
    const messages = minutes.map(
      (minute): Step => ({ kind: 'message', minute, crmLeadId: ids.next().value, eventType: words.next().value }),
    );
    // At most one link replaces the lead's own id: which of two comes last is not a matter of the CRM.
    const [first, ...others] = links.map((link): Link => ({ kind: 'link', ...link }));
    const steps: Step[] = [...messages, ...(first ? [first] : []), ...others.map((link): Link => ({ ...link, path: 'linkSubmission' }))];
    const orders = fc.shuffledSubarray(steps, { minLength: steps.length });
    return fc.record({ one: orders, other: orders, together: fc.boolean() });
  });

interface Played {
  readonly account: CrmAccount;
  readonly leadId: string;
}

async function play(steps: readonly Step[], together: boolean): Promise<Played> {
  const account = await newAccount(app, rootKey);
  const { lead } = await account.postback({ email: 'lead@order.test' });
  const submissions: string[] = [];
  for (const _ of crmIds) submissions.push((await account.postback({ email: 'lead@order.test' })).submission.id);
  const take = async (step: Step): Promise<void> => {
    if (step.kind === 'message') {
      const { crmLeadId, minute, eventType } = step;
      const updated_at = new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
      await account.record(crmLeadId, { crm_lead_id: crmLeadId, updated_at, status: `at ${minute}` }, { eventType });
      return;
    }
    const { crmLeadId, path } = step;
    if (path === 'linkLead') await account.link({ leadId: lead.id, crmLeadId });
    else if (path === 'linkSubmission')
      await account.link({ submissionId: submissions[crmIds.findIndex((id) => id === crmLeadId)], crmLeadId });
    else if (path === 'postback') await account.postback({ email: 'lead@order.test', crmLeadId });
    else
      await account.ask('mutation ($input: UpdateLeadInput!) { updateLead(input: $input) { __typename } }', {
        input: { leadId: lead.id, crmLeadId },
      });
  };
  if (together) await Promise.all(steps.map(take));
  else for (const step of steps) await take(step);
  return { account, leadId: lead.id };
}

const unmatched =
  '{ unmatchedCrmActivity(first: 100) { nodes { crmLeadId eventType payloadText } } changes(first: 100) { nodes { seq type } } }';

/** The CRM's part of the story, without what is different by nature: ids, and the order of arrival among what waits. */
async function tell({ account, leadId }: Played): Promise<Json> {
  const story = await account.story(leadId);
  const { unmatchedCrmActivity, changes } = await account.ask(unmatched);
  return {
    timeline: story.timeline.nodes.filter(({ type }: Json) => type === 'crm.activity'),
    activity: story.crmActivity.nodes.map(({ lead, ...one }: Json) => ({ ...one, bound: lead.id === leadId })),
    waiting: unmatchedCrmActivity.nodes.map((one: Json) => JSON.stringify(one)).sort(),
    seqs: changes.nodes.map(({ seq }: Json) => seq),
  };
}

it('does not change the story: everything is bound at its true time, exactly once, whenever the lead got the id', async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async ({ one, other, together }) => {
      const [left, right] = await Promise.all([play(one, false), play(other, together)]);
      const [told, again] = await Promise.all([tell(left), tell(right)]);
      expect({ ...again, seqs: [] }).toEqual({ ...told, seqs: [] });

      const linked = new Set(one.flatMap((step) => (step.kind === 'link' ? [step.crmLeadId] : [])));
      const messages = one.filter((step) => step.kind === 'message');
      const bound = messages.filter(({ crmLeadId }) => linked.has(crmLeadId)).sort((a, b) => b.minute - a.minute);
      expect(told.timeline.map(({ occurredAt }: Json) => new Date(occurredAt).getUTCMinutes())).toEqual(bound.map(({ minute }) => minute));
      expect(told.activity.map(({ payloadText }: Json) => JSON.parse(payloadText).status)).toEqual(
        bound.map(({ minute }) => `at ${minute}`),
      );
      expect(told.waiting).toHaveLength(messages.length - bound.length);
      for (const { seqs } of [told, again]) expect(seqs).toEqual(seqs.map((_: number, i: number) => i + 1));
    }),
    { numRuns: 30 },
  );
}, 120_000);

import { randomUUID } from 'node:crypto';
import { oneIn, pick, rest } from './chance.ts';
import type { Kind, Ledger } from './ledger.ts';
import type { Plan } from './plan.ts';
import { type Acknowledgement, type Request, sendUntilAcknowledged } from './send.ts';
import { cid, type Access } from './access.ts';

export interface Senders {
  /** Finishes what was begun: when it resolves, everything that was ever sent is acknowledged. */
  readonly stop: () => Promise<void>;
  /** Stops at once and leaves the rest unsaid. */
  readonly abandon: () => void;
}

const stages = ['Form In Progress', 'Form Completed', 'Application Submitted', 'Payment Pending', 'Paid'] as const;

const moveLead = `mutation ($input: MoveLeadInput!) { moveLead(input: $input) {
  __typename ... on MoveLeadSuccess { lead { uuid stage { name } } } ... on Error { code message } } }`;

/** People, sources, partners and a CRM, each doing one thing after the other, all at once. */
export function startSenders(access: Access, plan: Pick<Plan, 'sendersOfAKind' | 'restMs'>, ledger: Ledger): Senders {
  const over = new AbortController();
  const abandoned = new AbortController();

  const send = (request: Request): Promise<Acknowledgement> => sendUntilAcknowledged(access.base, request, ledger, abandoned.signal);

  function acknowledge(kind: Kind, token: string, { replayed }: Acknowledgement, leadId: string | null = null): void {
    ledger.acknowledge({ kind, token, leadId }, replayed);
  }

  /** A new lead with everything that the others need of it. */
  async function postback(fields: Record<string, unknown> = {}): Promise<{ readonly token: string; readonly leadId: string }> {
    const token = randomUUID();
    const body = { email: `${token}@postback.test`, first_name: 'Pat', source: 'google', campaign: 'spring', ...fields };
    const answer = await send({ path: '/api/postback', headers: access.rootKey, body: { ...body, transaction_id: token } });
    const leadId = String(answer.body.lead_id);
    acknowledge('postback', token, answer, leadId);
    return { token, leadId };
  }

  async function intake(): Promise<void> {
    const token = randomUUID();
    const body = { firstName: 'Ira', email: `${token}@intake.test`, trustedFormUrl: 'https://cert.trustedform.com/example' };
    acknowledge('intake', token, await send({ path: '/leads/intake', headers: access.source, body }));
  }

  /** Both events may be repeated, so only the idempotency key keeps a retry from counting twice. */
  async function events(): Promise<void> {
    const { token } = await postback();
    for (const event of ['sale', 'quote']) {
      const body = { cid, event_id: event, transaction_id: token, ...(event === 'sale' && { revenue: 10.01 }) };
      acknowledge('event', `${token} ${event}`, await send({ path: '/api/event/trigger', body }));
    }
  }

  /** Half of it arrives before anybody knows the lead, and waits for it. */
  async function crm(): Promise<void> {
    const crmLeadId = `crm-${randomUUID()}`;
    const early = oneIn(2);
    if (!early) await postback({ crm_lead_id: crmLeadId });
    for (const step of ['contacted', 'qualified']) {
      const body = { crm_lead_id: crmLeadId, event_type: 'status_changed', status: step, updated_at: new Date().toISOString() };
      acknowledge('crm', `${crmLeadId} ${step}`, await send({ path: '/webhooks/crm/lead', headers: access.crm, body }));
    }
    if (early) await postback({ crm_lead_id: crmLeadId });
  }

  /** There and back again: a repeated move would stand in the history. */
  async function moves(): Promise<void> {
    const { leadId } = await postback({ stage: 'Form Started' });
    const path = [pick(stages), 'Form Started', pick(stages)];
    for (const [i, stage] of path.entries()) {
      const answer = await send({
        path: '/graphql',
        headers: access.rootKey,
        body: { query: moveLead, variables: { input: { leadId, stage } } },
      });
      const moved = answer.body.data?.moveLead;
      if (moved?.__typename !== 'MoveLeadSuccess') throw new Error(`a move was refused: ${JSON.stringify(answer.body)}`);
      acknowledge('move', `${leadId} ${i + 1} ${stage}`, answer, leadId);
    }
  }

  async function work(operation: () => Promise<unknown>): Promise<void> {
    while (!over.signal.aborted) {
      await operation();
      await rest(plan.restMs);
    }
  }

  const working = [postback, intake, events, crm, moves].flatMap((operation) =>
    Array.from({ length: plan.sendersOfAKind }, () => work(() => operation())),
  );
  const all = Promise.all(working);
  // Reported by `stop`, not as an unhandled rejection in between.
  all.catch(() => undefined);
  return {
    async stop() {
      over.abort();
      await all;
    },
    abandon() {
      over.abort();
      abandoned.abort();
    },
  };
}

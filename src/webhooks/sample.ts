import type { Delivery } from '../../prisma/generated/client/client.ts';
import type { Change } from '../../prisma/generated/client/client.ts';

const sampleLeadId = '00000000-0000-7000-8000-000000000000';

const sampleLead = {
  id: sampleLeadId,
  number: 0,
  stage: 'Form Started',
  email: 'jane.doe@example.com',
  firstName: 'Jane',
  lastName: 'Doe',
  phone: '+1 202-555-0143',
  phoneE164: '+12025550143',
  company: 'Example Inc.',
  website: 'https://example.com',
  position: 'Engineer',
  score: 50,
  transactionId: 'test-transaction',
  revenue: '49.95',
};

/** What a test tells, in the shape of a change. It stands in no log. */
export function sampleOf({ id, accountId, createdAt }: Pick<Delivery, 'id' | 'accountId' | 'createdAt'>): Change {
  return {
    accountId,
    seq: 0n,
    id,
    type: 'webhook.test',
    leadId: sampleLeadId,
    origin: 'webhook',
    actor: 'test',
    summary: 'A test of a webhook',
    data: { lead: sampleLead, test: true },
    previous: null,
    submissionId: null,
    stageChangeId: null,
    leadEventId: null,
    crmActivityId: null,
    occurredAt: createdAt,
    recordedAt: createdAt,
  };
}

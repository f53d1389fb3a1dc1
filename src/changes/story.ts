import type { Change } from '../../prisma/generated/client/client.ts';

/** What a timeline shows of a change beside its summary. */

const labels: Readonly<Record<string, string>> = {
  'lead.updated': 'Edit',
  lead: 'Lead',
  stage: 'Stage',
  submission: 'Submission',
  event: 'Event',
  crm: 'CRM',
  webhook: 'Webhook',
};

/** A word for people: the part of the system that a change belongs to. */
export function labelOf({ type, submissionId }: Pick<Change, 'type' | 'submissionId'>): string {
  if (type === 'lead.updated' && submissionId !== null) return 'Submission';
  const [part = ''] = type.split('.', 1);
  return labels[type] ?? labels[part] ?? part;
}

/** When we heard of it. CRM activity that waited for its lead was heard of before it was logged. */
export function heardAt({ data, recordedAt }: Pick<Change, 'data' | 'recordedAt'>): Date {
  const activity = property(data, 'crmActivity');
  const received = property(activity, 'receivedAt');
  return typeof received === 'string' ? new Date(received) : recordedAt;
}

const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;

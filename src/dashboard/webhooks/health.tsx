import type { DeliveryStatus, Webhook } from '../documents/webhooks.ts';

const healthTones: Readonly<Record<string, string>> = { OK: 'good', FAILING: 'bad', DISABLED: 'warn' };
const statusTones: Readonly<Record<DeliveryStatus, string>> = {
  PENDING: '',
  DELIVERED: 'good',
  RETRYING: 'warn',
  EXHAUSTED: 'bad',
  CANCELLED: '',
};

export const HealthTag = ({ health }: Pick<Webhook, 'health'>) => (
  <span class={`tag ${healthTones[health] ?? ''}`}>{health.toLowerCase()}</span>
);

export const StatusTag = ({ status }: { readonly status: DeliveryStatus }) => (
  <span class={`tag ${statusTones[status]}`}>{status.toLowerCase()}</span>
);

const transaction_id = 'txn_7f3a2b1c-4d56-78ef-9012-abcdef123456';

const curl = (path: string, body: object): string =>
  `curl -X POST http://localhost:3000${path} \\\n-H "Content-Type: application/json" \\\n-d '${JSON.stringify(body, null, 1).replaceAll(/\n ?/g, '\n')}'`;

const example = (title: string, path: string, body: object) => ({ title, curl: curl(path, body), body });

export const triggerExamples = [
  example('Event', '/api/event/trigger', { cid: 'cmp_9z8y7x6w', event_id: 'qualified', transaction_id, pid: 'organic' }),
  example('Conversion Event with Revenue', '/api/event/trigger', { cid: 'cmp_9z8y7x6w', event_id: 'sale', transaction_id, revenue: 49.99 }),
];

export const campaignExamples = [
  example('Conversion with details of the lead', '/api/event/cmp_9z8y7x6w', {
    transaction_id,
    event_id: 'sale',
    amount: 49.99,
    conversion_date: '2026-03-05 10:00:00',
    conversion_timezone: 'PST',
    sub1: 'newsletter',
    cost: 12.5,
    cost_operation: 'add',
    first_name: 'John',
  }),
];

const global = '/api/event/global/acc_0199f3c0-5b1e-7c4a-9d2f-3a1b5c7d9e0f';

export const globalExamples = [
  example('Conversion Event', global, { event_id: 'sale', transaction_id, revenue: 49.99 }),
  example('Non-Conversion Event', global, { event_id: 'qualified', transaction_id }),
  {
    title: 'Everything in the address',
    curl: `curl -X POST "http://localhost:3000${global}?event_id=qualified&transaction_id=${transaction_id}"`,
  },
];

export const fired = { status: 200, type: 'success', message: 'Event fired successfully' } as const;
export const conversion = { status: 200, type: 'success', message: 'Conversion event fired successfully', revenue: 49.99 } as const;

export const refusals = {
  400: 'Missing or invalid event_id (UNKNOWN_EVENT), transaction_id (LEAD_NOT_FOUND), cid (CAMPAIGN_NOT_FOUND) or revenue (REVENUE_REQUIRED, VALIDATION_FAILED); or "Duplicate event" (DUPLICATE_EVENT): it was fired at this lead before and does not allow repeats.',
  403: '"Source is inactive" (SOURCE_INACTIVE), or "Event is already being processed" (EVENT_IN_PROGRESS): it was fired at this lead less than two seconds ago.',
};

const eventBody = {
  cid: 'cmp_9z8y7x6w',
  event_id: 'qualified',
  transaction_id: 'txn_7f3a2b1c-4d56-78ef-9012-abcdef123456',
  pid: 'organic',
};
const conversionBody = {
  cid: 'cmp_9z8y7x6w',
  event_id: 'sale',
  transaction_id: 'txn_7f3a2b1c-4d56-78ef-9012-abcdef123456',
  revenue: 49.99,
};

const curl = (body: object): string =>
  `curl -X POST http://localhost:3000/api/event/trigger \\\n-H "Content-Type: application/json" \\\n-d '${JSON.stringify(body, null, 1).replaceAll(/\n ?/g, '\n')}'`;

export const triggerExamples = [
  { title: 'Event', curl: curl(eventBody), body: eventBody },
  { title: 'Conversion Event with Revenue', curl: curl(conversionBody), body: conversionBody },
];

export const fired = { status: 200, type: 'success', message: 'Event fired successfully' } as const;
export const conversion = { status: 200, type: 'success', message: 'Conversion event fired successfully', revenue: 49.99 } as const;

export const refusals = {
  400: 'Missing or invalid event_id, transaction_id, cid, or revenue; or the event was fired at this lead before and does not allow repeats ("Duplicate event").',
  403: 'The source is inactive, or the same event came for the same lead less than two seconds ago ("Event is already being processed").',
};

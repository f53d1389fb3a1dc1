import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Sends realistic traffic through the public REST endpoints of a running server, so that a newcomer sees it move:
 * visitors begin a form, go on, some pay, some are lost. `npm run demo -- http://localhost:3000 [leads a minute]`. Ctrl-C ends it.
 */
const origin = (process.argv[2] ?? 'http://localhost:3000').replace(/\/$/, '');
const leadsPerMinute = Number(process.argv[3] ?? 40);
const apiKey = process.env['API_KEY'];

const stages = [
  'Form Started',
  'Form In Progress',
  'Form Completed',
  'Application Submitted',
  'Payment Pending',
  'Paid',
  'Processing',
  'Completed',
];
/** How likely a visitor is to go on from each stage. */
const goesOn = [0.82, 0.78, 0.74, 0.7, 0.75, 0.95, 0.9, 0];
const firstNames = [
  'Ada',
  'Ben',
  'Carla',
  'David',
  'Elena',
  'Frank',
  'Grace',
  'Hugo',
  'Irene',
  'Jonas',
  'Kira',
  'Liam',
  'Maya',
  'Noah',
  'Olga',
  'Priya',
  'Rosa',
  'Sam',
  'Tara',
  'Viktor',
];
const lastNames = [
  'Alvarez',
  'Brown',
  'Chen',
  'Dubois',
  'Evans',
  'Fischer',
  'Garcia',
  'Hansen',
  'Ito',
  'Johnson',
  'Kaya',
  'Lopez',
  'Miller',
  'Novak',
  'Okafor',
  'Patel',
  'Rossi',
  'Silva',
  'Weber',
  'Young',
];
const channels = [
  { source: 'google', medium: 'cpc', weight: 10 },
  { source: 'facebook', medium: 'paid-social', weight: 6 },
  { source: 'bing', medium: 'cpc', weight: 3 },
  { source: 'newsletter', medium: 'email', weight: 2 },
  { source: 'partner-network', medium: 'affiliate', weight: 2 },
  { source: 'tiktok', medium: 'paid-social', weight: 1 },
] as const;
const campaigns = ['llc-spring-2026', 'ein-fast-track', 'corp-launch', 'brand'];
const browsers = ['Chrome 124', 'Safari 17', 'Firefox 126', 'Edge 124'];
const devices = ['desktop', 'mobile', 'mobile', 'tablet'];
const formFields = 12;

let answered = 0;
let refused = 0;

async function visit(number: number): Promise<void> {
  const first = pick(firstNames);
  const last = pick(lastNames);
  const { source, medium } = pickChannel();
  const campaign = pick(campaigns);
  const email = `${first}.${last}.${Date.now().toString(36)}${number}@example.com`.toLowerCase();
  let step = 0;
  await post({
    email,
    first_name: first,
    last_name: last,
    stage: stages[0],
    source,
    campaign,
    domain: 'myeinregistry.com',
    utm_source: source,
    utm_medium: medium,
    utm_campaign: campaign,
    referrer: `https://www.${source}.com/`,
    ip_address: `203.0.113.${1 + Math.floor(Math.random() * 254)}`,
    browser: pick(browsers),
    device_type: pick(devices),
    form_completion_percent: 10,
    form_fields_completed: 1,
    form_fields_total: formFields,
  });
  while (Math.random() < (goesOn[step] ?? 0)) {
    await sleep(800 + Math.random() * 7000);
    step++;
    const filled = Math.min(formFields, [1, 6, 12][step] ?? formFields);
    await post({
      email,
      stage: stages[step],
      ...(step === 2 && { phone: `+1 212 555 ${String(Math.floor(Math.random() * 10_000)).padStart(4, '0')}` }),
      ...(step === 3 && {
        company: `${last} ${pick(['LLC', 'Inc.', 'Studio', 'Partners'])}`,
        custom_data: { state: pick(['CA', 'TX', 'NY', 'FL']) },
      }),
      form_completion_percent: Math.round((100 * filled) / formFields),
      form_fields_completed: filled,
    });
  }
  // Now and then a sender makes a mistake, and is refused.
  if (Math.random() < 0.04) await post({ email, stage: 'Sold' });
}

async function post(body: Record<string, unknown>): Promise<void> {
  const response = await fetch(`${origin}/api/postback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(apiKey !== undefined && { 'x-api-key': apiKey }) },
    body: JSON.stringify(body),
  });
  await response.arrayBuffer();
  if (response.status === 401) throw new Error('The server asks for a key: set API_KEY to one that may hand leads in.');
  if (response.ok) answered++;
  else refused++;
}

function pickChannel(): (typeof channels)[number] {
  const all = channels.flatMap((channel) => Array.from({ length: channel.weight }, () => channel));
  return pick(all);
}

function pick<Value>(values: readonly Value[]): Value {
  const value = values[Math.floor(Math.random() * values.length)];
  if (value === undefined) throw new Error('There is nothing to pick from.');
  return value;
}

async function main(): Promise<void> {
  process.stdout.write(`Sending about ${leadsPerMinute} leads a minute to ${origin}. Watch them at ${origin}/ and stop with Ctrl-C.\n`);
  const report = setInterval(() => process.stdout.write(`${answered} postbacks accepted, ${refused} refused\n`), 10_000);
  report.unref();
  for (let number = 1; ; number++) {
    visit(number).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(1);
    });
    await sleep(((60_000 / leadsPerMinute) * 2 * Math.random()) | 0);
  }
}

void main();

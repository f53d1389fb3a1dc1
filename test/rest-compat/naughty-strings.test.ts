import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningApp, startApp } from '../http/running-app.ts';

const naughty = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve('big-list-of-naughty-strings/blns.json'), 'utf8'),
) as string[];

let server: RunningApp;
beforeAll(async () => {
  server = await startApp();
});
afterAll(() => server.close());

const freeTexts = [
  'first_name',
  'last_name',
  'company',
  'source',
  'domain',
  'campaign',
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'utm_term',
  'utm_content',
  'referrer',
  'ip_address',
  'user_agent',
  'browser',
] as const;
const checkedTexts = ['email', 'phone', 'lead_id', 'stage', 'device_type'] as const;

const stored = (text: string): unknown => (text === '' ? null : text.normalize('NFC').replaceAll('\0', '\uFFFD'));

it('row 16: keeps every naughty string exactly, in every free text and in custom_data', async () => {
  await inTurns(naughty, async (text) => {
    const custom = { text, [`key ${text}`]: 1 };
    const { status, body } = await server.send('POST', '/api/postback', {
      ...Object.fromEntries(freeTexts.map((name) => [name, text])),
      custom_data: custom,
    });
    expect(status, text).toBe(201);
    const { lead } = (await server.send('GET', `/api/leads/${String(body['lead_id'])}`)).body as { lead: Record<string, unknown> };
    for (const name of freeTexts) expect(lead[name], `${name}: ${text}`).toBe(stored(text));
  });
});

it('rows 16 and 27: takes or refuses every naughty string in a checked text, and filters by it, without ever failing', async () => {
  await inTurns(naughty, async (text) => {
    const statuses = await Promise.all([
      ...checkedTexts.map((name) => server.send('POST', '/api/postback', { [name]: text })),
      server.send('GET', `/api/leads?${new URLSearchParams({ search: text, source: text, campaign: text, stage: text }).toString()}`),
      server.send('GET', `/api/leads?${new URLSearchParams({ after: text }).toString()}`),
      server.send('GET', `/api/leads?${new URLSearchParams({ from: text, page: text }).toString()}`),
      server.send('GET', `/api/leads/${encodeURIComponent(text.toWellFormed())}`),
    ]);
    for (const { status } of statuses) expect(status, text).toBeLessThan(500);
  });
});

async function inTurns(texts: readonly string[], work: (text: string) => Promise<void>): Promise<void> {
  for (let i = 0; i < texts.length; i += 16) await Promise.all(texts.slice(i, i + 16).map(work));
}

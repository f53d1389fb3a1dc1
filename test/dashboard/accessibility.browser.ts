import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { launchBrowser, openPage } from './browser.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Set it to keep a picture of each page. */
const pictures = process.env['SCREENSHOTS'];

const pages = [
  ['/', 'Overview'],
  ['/app/board', 'Pipeline Board'],
  ['/app/leads', 'All Leads'],
  ['/app/leads/1', 'Ada'],
  ['/app/refused', 'Refused leads'],
  ['/app/unmatched', 'Unmatched CRM activity'],
  ['/app/sources', 'Sources'],
  ['/app/campaigns', 'Campaigns and events'],
  ['/app/webhooks', 'Webhooks'],
  ['/app/api', 'API'],
  ['/app/api-keys', 'API Keys'],
  ['/app/nothing', 'Nothing here'],
] as const;

const screens = [
  { name: 'desktop', width: 1280, height: 860 },
  { name: 'phone', width: 390, height: 844 },
] as const;

let browser: Browser;
let app: TestApp;

beforeAll(async () => {
  browser = await launchBrowser();
  app = await startApp();
  await fill(app);
});

afterAll(async () => {
  await browser.close();
  await app.end();
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const { name, width, height } of screens) {
    describe(`${colorScheme}, ${name}`, () => {
      it.each(pages)('%s breaks no rule of accessibility and does not scroll sideways', async (address, heading) => {
        const { page, problems } = await openPage(browser, { colorScheme, width, height });
        await page.goto(app.url + address);
        await page.getByRole('heading', { name: heading, exact: true, level: 1 }).waitFor();
        await page.locator('.live-badge.live').waitFor();
        await page.waitForTimeout(300);
        if (pictures !== undefined) {
          mkdirSync(pictures, { recursive: true });
          const file = `${address.replaceAll('/', '_')}-${colorScheme}-${name}.png`;
          await page.screenshot({ path: path.join(pictures, file) });
        }
        expect(await violationsOf(page)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
        expect(problems).toEqual([]);
        await page.context().close();
      });
    });
  }
}

describe('an empty account', () => {
  it('breaks no rule of accessibility', async () => {
    const empty = await startApp();
    const { page } = await openPage(browser);
    await page.goto(empty.url);
    await page.getByText('Waiting for the first lead').waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.context().close();
    await empty.end();
  });
});

interface Axe {
  readonly run: () => Promise<{
    readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
  }>;
}

async function violationsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => (window as unknown as { readonly axe: Axe }).axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

/** Something for each page to show. */
async function fill({ send, graphql }: TestApp): Promise<void> {
  await send('POST', '/api/postback', {
    email: 'ada@example.com',
    first_name: 'Ada',
    phone: '+1 212 555 0111',
    source: 'google',
    campaign: 'llc-spring-2026',
    ip_address: '203.0.113.9',
    device_type: 'mobile',
    form_completion_percent: 60,
    custom_data: { state: 'TX' },
  });
  await send('POST', '/api/postback', { email: 'ada@example.com', stage: 'Paid', source: 'facebook' });
  for (let i = 0; i < 20; i++)
    await send('POST', '/api/postback', { email: `lead${i}@example.com`, first_name: `Lead ${i}`, source: 'bing' });
  const { data } = await graphql(`mutation {
    createSource(input: { name: "Partner", complianceApproved: true, requiresTrustedForm: false, allowedStates: ["TX"] }) {
      ... on CreateSourceSuccess { key source { id } }
    }
    createCampaign(input: { cid: "llc-spring-2026", events: [{ eventId: "sale", isConversion: true, payout: { fixed: "20" } }] }) { __typename }
    createApiKey(input: { name: "Website", scope: INGEST }) { __typename }
    createWebhook(input: { name: "Mailer", url: "https://example.com/hook" }) { __typename }
    waiting: recordCrmActivity(input: { crmLeadId: "crm-404", payload: { status: "Contacted" } }) { __typename }
    recordCrmActivity(input: { crmLeadId: "crm-1", payload: { status: "Contacted" } }) { __typename }
  }`);
  const { key, source } = data.createSource;
  const refused = { firstName: 'Refused', phone: '+15555550123', state: 'NY' };
  await send('POST', '/leads/intake', refused, { 'x-leadping-source-id': source.id, 'x-leadping-source-key': key });
  const { data: found } = await graphql('{ lead(by: { number: 1 }) { id transactionId } }');
  await graphql(`mutation { linkCrmLead(input: { leadId: "${found.lead.id}", crmLeadId: "crm-1" }) { __typename } }`);
  const fired = { event_id: 'sale', transaction_id: found.lead.transactionId, revenue: 120.5, cid: 'llc-spring-2026' };
  await send('POST', '/api/event/trigger', fired);
}

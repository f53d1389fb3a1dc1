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
  ['/app/leads/22', 'Jo Bought'],
  ['/app/refused', 'Refused leads'],
  ['/app/unmatched', 'Unmatched CRM activity'],
  ['/app/sources', 'Sources'],
  ['/app/campaigns', 'Campaigns and events'],
  ['/app/webhooks', 'Webhooks'],
  ['/app/webhooks/MAILER', 'Mailer'],
  ['/app/api', 'API'],
  ['/app/api-keys', 'API Keys'],
  ['/app/nothing', 'Nothing here'],
] as const;

/** What opens on a page when this is pressed. */
const dialogs = [
  ['/app/sources', 'Edit Partner'],
  ['/app/campaigns', 'Edit llc-spring-2026'],
  ['/app/campaigns', 'Edit sale'],
  ['/app/webhooks/MAILER', 'Edit'],
  ['/app/webhooks/MAILER', 'Replay'],
  ['/app/api-keys', 'New key'],
  ['/app/leads/1', 'Delete'],
  ['/app/leads/1', 'Erase person'],
] as const;

const screens = [
  { name: 'desktop', width: 1280, height: 860 },
  { name: 'phone', width: 390, height: 844 },
] as const;

let browser: Browser;
let app: TestApp;
let mailer: string;

beforeAll(async () => {
  browser = await launchBrowser();
  app = await startApp({ WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' });
  mailer = await fill(app);
});

afterAll(async () => {
  await browser.close();
  await app.end();
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const { name, width, height } of screens) {
    describe(`${colorScheme}, ${name}`, () => {
      it.each(pages)('%s breaks no rule of accessibility, does not scroll sideways and keeps still', async (address, heading) => {
        const { page, problems } = await openPage(browser, { colorScheme, width, height });
        await watchLayoutShift(page);
        await page.goto(app.url + address.replace('MAILER', mailer));
        await page.getByRole('heading', { name: heading, exact: true, level: 1 }).waitFor();
        await page.locator('.live-badge.live').waitFor();
        await page.waitForTimeout(200);
        expect(await page.evaluate(() => (window as unknown as { readonly layoutShift: number }).layoutShift)).toBeLessThan(0.005);
        for (const group of await page.locator('details.group > summary').all()) await group.click();
        await page.waitForTimeout(300);
        await keepPicture(page, `${address}-${colorScheme}-${name}`);
        expect(await violationsOf(page)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
        expect(problems).toEqual([]);
        await page.context().close();
      });

      it.each(dialogs)('%s, %s: the dialog breaks no rule of accessibility', async (address, button) => {
        const { page, problems } = await openPage(browser, { colorScheme, width, height });
        await page.goto(app.url + address.replace('MAILER', mailer));
        await page.getByRole('button', { name: button, exact: true }).click();
        await page.getByRole('dialog').waitFor();
        await page.waitForTimeout(200);
        await keepPicture(page, `${address}-${button}-${colorScheme}-${name}`);
        expect(await violationsOf(page)).toEqual([]);
        expect(
          await page.evaluate(() => document.querySelector('dialog')?.scrollWidth === document.querySelector('dialog')?.clientWidth),
        ).toBe(true);
        expect(problems).toEqual([]);
        await page.context().close();
      });

      it('the sign-in page breaks no rule of accessibility', async () => {
        const closed = await startApp({ API_KEY: 'a-root-key-for-this-test' });
        const { page, problems } = await openPage(browser, { colorScheme, width, height });
        await page.goto(closed.url);
        await page.getByLabel('API key').fill('wrong');
        await page.getByRole('button', { name: 'Sign in' }).click();
        await page.getByText('does not take this key').waitFor();
        await keepPicture(page, `sign-in-${colorScheme}-${name}`);
        expect(await violationsOf(page)).toEqual([]);
        expect(problems).toEqual([]);
        await page.context().close();
        await closed.end();
      });
    });
  }
}

describe('what does not fit', () => {
  it('is cut where it stands, and pushes nothing out of sight', async () => {
    const crowded = await startApp();
    await crowded.send('POST', '/api/postback', {
      email: 'long@example.com',
      first_name: 'Wolfeschlegelsteinhausenbergerdorff',
      last_name: 'of Somewhere Far Away',
      stage: 'Application Submitted',
    });
    const { data } = await crowded.graphql('{ lead(by: { email: "long@example.com" }) { transactionId } }');
    await crowded.graphql(
      'mutation { createCampaign(input: { cid: "spring", events: [{ eventId: "sale", isConversion: true }] }) { __typename } }',
    );
    await crowded.send('POST', '/api/event/trigger', {
      event_id: 'sale',
      transaction_id: data.lead.transactionId,
      revenue: 123456789012.55,
      cid: 'spring',
    });
    for (const { width, height } of screens) {
      const { page } = await openPage(browser, { width, height });
      await page.goto(crowded.url);
      const revenue = page.locator('.cards > div', { hasText: 'Revenue' }).locator('dd');
      await expect.poll(() => revenue.textContent()).toBe('123.46B');
      expect(await revenue.getAttribute('title')).toBe('123,456,789,012.55');
      expect(await revenue.evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true);
      await page.goto(`${crowded.url}/app/board`);
      const card = page.locator('.card', { hasText: 'Wolfe' });
      await card.waitFor();
      expect(await card.evaluate(isWithin, '.grip')).toBe(true);
      await page.goto(`${crowded.url}/app/leads`);
      const cell = page.locator('.lead-row .stage', { hasText: 'Application' });
      await cell.waitFor();
      expect(await cell.evaluate(isWithin, '.tag')).toBe(true);
      await page.context().close();
    }
    await crowded.end();
  });
});

function isWithin(element: Element, selector: string): boolean {
  const right = element.querySelector(selector)?.getBoundingClientRect().right ?? Number.POSITIVE_INFINITY;
  return right <= element.getBoundingClientRect().right;
}

describe('an empty account', () => {
  it('breaks no rule of accessibility', async () => {
    const empty = await startApp();
    const { page } = await openPage(browser);
    await page.goto(empty.url);
    await page.getByText('Waiting for the first lead').waitFor();
    await keepPicture(page, 'empty');
    expect(await violationsOf(page)).toEqual([]);
    await page.context().close();
    await empty.end();
  });
});

/** How much of what stood there was pushed about by what came later. */
const watchLayoutShift = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    Object.assign(window, { layoutShift: 0 });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        (window as unknown as { layoutShift: number }).layoutShift += (entry as unknown as { readonly value: number }).value;
    }).observe({ type: 'layout-shift', buffered: true });
  });

async function keepPicture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: path.join(pictures, `${name.replaceAll(/[/ ]/g, '_')}.png`) });
}

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
async function fill({ send, graphql }: TestApp): Promise<string> {
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
    createWebhook(input: {
      name: "Mailer", url: "http://127.0.0.1:9/hook", events: ["save_lead", "event.converted"], headers: { Authorization: "Bearer abc" }
      filter: { stage: ["Paid"], source: ["google", "facebook"] }
    }) { ... on CreateWebhookSuccess { webhook { id } } ... on Error { message } }
    waiting: recordCrmActivity(input: { crmLeadId: "crm-404", payload: { status: "Contacted" } }) { __typename }
    recordCrmActivity(input: { crmLeadId: "crm-1", payload: { status: "Contacted" } }) { __typename }
  }`);
  const { key, source } = data.createSource;
  const refused = { firstName: 'Refused', phone: '+15555550123', state: 'NY' };
  const credentials = { 'x-leadping-source-id': source.id, 'x-leadping-source-key': key };
  await send('POST', '/leads/intake', refused, credentials);
  await send('POST', '/leads/intake', { ...refused, phone: '12' }, credentials);
  await send('POST', '/leads/intake', { firstName: 'Jo', lastName: 'Bought', phone: '+15125550123', state: 'TX' }, credentials);
  const { data: found } = await graphql('{ lead(by: { number: 1 }) { id transactionId } }');
  await graphql(`mutation { linkCrmLead(input: { leadId: "${found.lead.id}", crmLeadId: "crm-1" }) { __typename } }`);
  const fired = { event_id: 'sale', transaction_id: found.lead.transactionId, revenue: 120.5, cid: 'llc-spring-2026' };
  await send('POST', '/api/event/trigger', fired);
  await graphql('mutation ($webhookId: ID!) { testWebhook(input: { webhookId: $webhookId }) { __typename } }', {
    webhookId: data.createWebhook.webhook.id,
  });
  return data.createWebhook.webhook.id;
}

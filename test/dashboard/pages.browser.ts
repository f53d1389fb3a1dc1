import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { launchBrowser, openPage } from './browser.ts';

let browser: Browser;
let app: TestApp;

beforeAll(async () => {
  browser = await launchBrowser();
  app = await startApp();
});

afterAll(async () => {
  await browser.close();
  await app.end();
});

describe('pages of a list', () => {
  it('show everything that the CRM reported without a lead, and turn back when the last page is empty', async () => {
    for (let i = 0; i < 101; i++)
      await app.graphql('mutation ($id: String!) { recordCrmActivity(input: { crmLeadId: $id, payload: {} }) { __typename } }', {
        id: `crm-${i}`,
      });
    await app.send('POST', '/api/postback', { email: 'ada@example.com' });
    const { page, problems } = await openPage(browser);
    await page.goto(`${app.url}/app/unmatched`);
    const turn = page.getByRole('navigation', { name: 'Pages of Unmatched CRM activity' });
    const rows = page.locator('tbody tr');
    await turn.getByText('Page 1').waitFor();
    expect(await rows.count()).toBe(50);
    await turn.getByRole('button', { name: 'Next' }).click();
    await page.getByText('crm-1', { exact: true }).waitFor();
    await turn.getByRole('button', { name: 'Next' }).click();
    await page.getByText('crm-0', { exact: true }).waitFor();
    expect(await rows.count()).toBe(1);
    expect(await turn.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Link to a lead' }).click();
    await page.getByLabel('Number of the lead').fill('1');
    await page.getByRole('button', { name: 'Link', exact: true }).click();
    await page.getByText('1 entry linked.').waitFor();
    await turn.getByText('Page 2').waitFor();
    await expect.poll(() => rows.count()).toBe(50);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('show every receipt and every entry of a lead', async () => {
    for (let i = 0; i < 45; i++) await app.send('POST', '/api/postback', { email: 'busy@example.com', form_completion_percent: i });
    const { data } = await app.graphql('{ lead(by: { email: "busy@example.com" }) { number } }');
    const { page } = await openPage(browser);
    await page.goto(`${app.url}/app/leads/${data.lead.number}`);
    const receipts = page.locator('section', { has: page.getByRole('heading', { name: 'Submissions' }) });
    const next = receipts.getByRole('button', { name: 'Next' });
    await expect.poll(() => receipts.locator('.entry').count()).toBe(20);
    await next.click();
    await receipts.getByText('Page 2').waitFor();
    await next.click();
    await expect.poll(() => receipts.locator('.entry').count()).toBe(5);
    await receipts.getByText('created', { exact: true }).waitFor();
    const timeline = page.getByRole('navigation', { name: 'Pages of Timeline' });
    await timeline.getByRole('button', { name: 'Next' }).click();
    await page.getByText('Lead created at Form Started').waitFor();
    await page.context().close();
  });
});

describe('every source', () => {
  it('can be chosen, however many there are', async () => {
    for (let i = 1; i <= 203; i++)
      await app.graphql('mutation ($name: String!) { createSource(input: { name: $name }) { __typename } }', { name: `source ${i}` });
    const { page, problems } = await openPage(browser);
    for (const address of ['refused', 'api']) {
      await page.goto(`${app.url}/app/${address}`);
      const offered = page.getByLabel('Source').locator('option', { hasText: 'source ' });
      await expect.poll(() => offered.count()).toBe(203);
      expect(new Set(await offered.allTextContents()).size).toBe(203);
    }
    expect(problems).toEqual([]);
    await page.context().close();
  });
});

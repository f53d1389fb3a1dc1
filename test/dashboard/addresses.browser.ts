import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { launchBrowser, openPage } from './browser.ts';

let browser: Browser;
let app: TestApp;
let page: Page;
let problems: readonly string[];

beforeAll(async () => {
  browser = await launchBrowser();
  app = await startApp();
  for (let i = 0; i < 150; i++)
    await app.send('POST', '/api/postback', { email: `lead${i}@example.com`, first_name: `Lead ${i}`, source: i % 2 ? 'google' : 'bing' });
});

afterAll(async () => {
  await browser.close();
  await app.end();
});

async function open(path: string): Promise<void> {
  ({ page, problems } = await openPage(browser));
  await page.goto(app.url + path);
}

afterEach(async () => {
  expect(problems).toEqual([]);
  await page.context().close();
});

/** As the buttons of the browser do. */
const step = (way: 'back' | 'forward') => page.evaluate((name) => history[name](), way);

describe('addresses', () => {
  it('take filters back one by one, and a word that was written in pauses at once', async () => {
    await open('/app/leads');
    await page.getByText('150 leads').waitFor();
    await page.getByLabel('Order').selectOption('Oldest');
    const source = page.getByLabel('Source');
    await source.pressSequentially('go');
    await expect.poll(async () => page.url()).toContain('source=go');
    await source.pressSequentially('ogle');
    await page.getByText('75 leads').waitFor();
    await step('back');
    await page.getByText('150 leads').waitFor();
    expect(await source.inputValue()).toBe('');
    expect(await page.getByLabel('Order').inputValue()).toBe('OLDEST');
    await step('back');
    await expect.poll(() => page.getByLabel('Order').inputValue()).toBe('NEWEST');
    await step('forward');
    await step('forward');
    await page.getByText('75 leads').waitFor();
    expect(await source.inputValue()).toBe('google');
  });

  it('lose no letter of what is written, not even a space before a pause', async () => {
    await open('/app/leads');
    const search = page.getByLabel('Search');
    await search.pressSequentially('Lead ');
    await expect.poll(async () => page.url()).toContain('search=Lead');
    await page.waitForTimeout(100);
    await search.pressSequentially('149');
    await expect.poll(async () => page.url()).toContain('search=Lead+149');
    expect(await search.inputValue()).toBe('Lead 149');
  });

  it('bring back a list where it was left, with what happened meanwhile', async () => {
    await open('/app/leads?source=google');
    await page.getByText('75 leads').waitFor();
    const box = page.locator('.lead-scroll');
    await box.evaluate((element) => element.scrollTo(0, 40 * 44));
    // A click of the driver may scroll before it, when the page is busy.
    await page.getByRole('link', { name: 'Lead 67', exact: true }).dispatchEvent('click');
    await page.getByRole('heading', { name: 'Lead 67', exact: true, level: 1 }).waitFor();
    await app.send('POST', '/api/postback', { email: 'lead69@example.com', stage: 'Paid' });
    await page.getByRole('link', { name: 'Lead 69', exact: true }).waitFor({ state: 'detached' });
    await step('back');
    await page.locator('.lead-row', { hasText: 'Lead 69' }).getByText('Paid').waitFor();
    expect(await box.evaluate((element) => element.scrollTop)).toBe(40 * 44);
    await page.getByRole('link', { name: 'Sources' }).click();
    await page.getByRole('link', { name: 'All Leads' }).click();
    await page.getByText('150 leads').waitFor();
    expect(await box.evaluate((element) => element.scrollTop)).toBe(0);
  });

  it('go on with the keyboard in the page that was opened, and name it', async () => {
    await open('/app/leads');
    await page.getByRole('link', { name: 'Lead 149', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Lead 149', level: 1 }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN');
    await expect.poll(() => page.title()).toBe('Lead 149 · Leadgraph');
  });

  it('of another lead begin a page anew: a question about one is not asked of the other', async () => {
    await open('/app/leads/1');
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog', { name: 'Delete Lead 0?' }).waitFor();
    await page.evaluate(() => {
      history.pushState(null, '', '/app/leads/2');
      dispatchEvent(new PopStateEvent('popstate'));
    });
    await page.getByRole('heading', { name: 'Lead 1', exact: true, level: 1 }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('name a lead by its id, its UUID or its number, written as that', async () => {
    const { data } = await app.graphql('{ lead(by: { number: 2 }) { id uuid } }');
    await open('/app/leads/2');
    for (const name of ['2', data.lead.id, data.lead.uuid]) {
      await page.goto(`${app.url}/app/leads/${name}`);
      await page.getByRole('heading', { name: 'Lead 1', exact: true, level: 1 }).waitFor();
    }
    for (const name of ['02', '2.0', '0x2', '0', '99999999999', 'lead_2', '00000000-0000-4000-8000-000000000000']) {
      await page.goto(`${app.url}/app/leads/${name}`);
      await page.getByRole('heading', { name: `No lead ${name}`, exact: true }).waitFor();
    }
  });

  it('that are no text lead nowhere, rather than to a blank page', async () => {
    await open('/app/leads');
    await page.getByText('150 leads').waitFor();
    await page.evaluate(() => {
      history.pushState(null, '', '/app/leads/%E0%A4%A');
      dispatchEvent(new PopStateEvent('popstate'));
    });
    await page.getByRole('heading', { name: 'Nothing here' }).waitFor();
  });

  it('of a number on the Overview lead to as many leads', async () => {
    await open('/?range=7d&source=bing');
    await page.getByRole('link', { name: 'Form Started' }).click();
    await page.getByText('75 leads').waitFor();
    expect(await page.getByLabel('Source').inputValue()).toBe('bing');
    expect(await page.getByLabel('From').inputValue()).not.toBe('');
  });

  it('without filters stay so: what was typed right before they were cleared is cleared too', async () => {
    await open('/app/leads?source=google');
    await page.getByText('75 leads').waitFor();
    // By the page itself: a slow driver would pause the typing.
    await page.evaluate(() => {
      const search = document.querySelector<HTMLInputElement>('input[name=search]');
      if (search) search.value = 'Lead 149';
      search?.dispatchEvent(new InputEvent('input', { bubbles: true }));
      return new Promise<void>((resolve) => {
        setTimeout(() => {
          const clear = [...document.querySelectorAll('button')].find(({ textContent }) => textContent === 'Clear filters');
          clear?.click();
          resolve();
        }, 100);
      });
    });
    await page.getByText('150 leads').waitFor();
    await page.waitForTimeout(500);
    expect(new URL(page.url()).search).toBe('');
    for (const label of ['Search', 'Source']) expect(await page.getByLabel(label).inputValue()).toBe('');
  });

  it('with a day of a year that is not yet written to its end show the list', async () => {
    await open('/app/leads?from=0020-01-01');
    await page.getByText('150 leads').waitFor();
    await page.goto(`${app.url}/app/leads?to=0020-01-01`);
    await page.getByText('0 leads', { exact: true }).waitFor();
  });

  it('name a day when its year is written, however slowly', async () => {
    await open('/app/leads');
    await page.getByText('150 leads').waitFor();
    const seen: string[] = [];
    page.on('framenavigated', (frame) => seen.push(new URL(frame.url()).search));
    await page.getByLabel('From').focus();
    await page.keyboard.type('12012026', { delay: 350 });
    await expect.poll(() => seen).toEqual(['?from=2026-12-01']);
    await page.getByRole('link', { name: 'Sources' }).click();
    await page.getByRole('heading', { name: 'Sources', level: 1 }).waitFor();
  });
});

describe('a page at fault', () => {
  it('says so and leaves the others as they are; it is tried again when it is opened again', async () => {
    const opened = await openPage(browser);
    page = opened.page;
    problems = [];
    await page.route('**/graphql', (route, request) =>
      request.postData()?.includes('query LeadCount') ? route.fulfill({ json: { data: { leads: null } } }) : route.continue(),
    );
    await page.goto(`${app.url}/app/leads`);
    await page.getByRole('heading', { name: 'This page cannot be shown' }).waitFor();
    expect(opened.problems.length).toBeGreaterThan(0);
    await page.getByRole('link', { name: 'Sources' }).click();
    await page.getByRole('heading', { name: 'Sources', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'All Leads' }).click();
    await page.getByRole('heading', { name: 'This page cannot be shown' }).waitFor();
    await page.unroute('**/graphql');
    await page.getByRole('link', { name: 'All Leads' }).click();
    await page.getByText('150 leads').waitFor();
  });
});

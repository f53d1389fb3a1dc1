import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { launchBrowser, openPage } from './browser.ts';

const rootKey = 'a-root-key-for-this-test';
let browser: Browser;
let app: TestApp;
let page: Page;

beforeAll(async () => {
  browser = await launchBrowser();
  app = await startApp({ API_KEY: rootKey });
  await app.send('POST', '/api/postback', { email: 'ada@example.com', first_name: 'Ada' }, { 'x-api-key': rootKey });
});

afterAll(async () => {
  await browser.close();
  await app.end();
});

afterEach(() => page.context().close());

async function signIn(key: string): Promise<void> {
  ({ page } = await openPage(browser));
  await page.goto(`${app.url}/app/leads`);
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function keyOf(scope: string): Promise<string> {
  const { data } = await app.graphql(
    `mutation { createApiKey(input: { name: "${scope}", scope: ${scope} }) { ... on CreateApiKeySuccess { token } } }`,
    {},
    { 'x-api-key': rootKey },
  );
  return data.createApiKey.token;
}

describe('signing in', () => {
  it('asks for a key, keeps it out of the address, and forgets it', async () => {
    await signIn(rootKey);
    await page.getByRole('link', { name: 'Ada' }).waitFor();
    await page.locator('.live-badge.live').waitFor();
    expect(page.url()).not.toContain(rootKey);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  it('has the colours that were chosen', async () => {
    await signIn(rootKey);
    await page.getByRole('button', { name: 'Dark' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('dark');
  });

  it('says that a key is wrong', async () => {
    await signIn('lgk_wrong');
    await page.getByText('does not take this key').waitFor();
  });

  it('shows a viewer no buttons that write', async () => {
    await signIn(await keyOf('VIEWER'));
    await page.getByRole('link', { name: 'Ada' }).click();
    await page.getByRole('heading', { name: 'Stage history' }).waitFor();
    expect(await page.getByRole('button', { name: 'Delete' }).count()).toBe(0);
    expect(await page.getByLabel('Stage', { exact: true }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'API Keys' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Sources' }).click();
    await page.getByText('No sources yet').waitFor();
    expect(await page.getByRole('button', { name: 'New source' }).count()).toBe(0);
  });

  it('tells a key that may only hand leads in what is missing', async () => {
    await signIn(await keyOf('INGEST'));
    await page.getByText('hand leads in, but not see them').waitFor();
  });
});

import type { Browser, Page, WebSocketRoute } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { launchBrowser, openLine, openPage } from './browser.ts';

let browser: Browser;
let app: TestApp;

beforeAll(async () => {
  browser = await launchBrowser();
  app = await startApp();
  await app.send('POST', '/api/postback', { email: 'ada@example.com', first_name: 'Ada', campaign: 'spring' });
  await app.graphql('mutation { createEventType(input: { eventId: "sale" }) { __typename } }');
});

afterAll(async () => {
  await browser.close();
  await app.end();
});

async function openWithLine(path: string): Promise<{ readonly page: Page; readonly line: Awaited<ReturnType<typeof openLine>> }> {
  const line = await openLine(app.url);
  const { page } = await openPage(browser);
  await page.goto(line.url + path);
  await page.locator('.live-badge.live').waitFor();
  return { page, line };
}

describe('a server that is away', () => {
  it.each([
    ['Campaigns', 'sale'],
    ['All Leads', 'Ada'],
    ['Pipeline Board', 'Ada'],
  ])('is asked for %s until it is back', async (link, shown) => {
    const { page, line } = await openWithLine('/app/api');
    line.cut();
    await page.locator('.live-badge.offline').waitFor();
    await page.getByRole('link', { name: link, exact: true }).click();
    await page.getByText('The server cannot be reached. Trying again…').first().waitFor();
    line.mend();
    await page.getByText(shown, { exact: true }).first().waitFor();
    expect(await page.getByText('cannot be reached').count()).toBe(0);
    await page.context().close();
    line.close();
  });

  it('for a moment does not end an export', async () => {
    for (let i = 0; i < 120; i++) await app.send('POST', '/api/postback', { email: `export${i}@example.com`, source: 'export' });
    const { page, problems } = await openPage(browser);
    let isCut = false;
    await page.route('**/graphql', (route, request) => {
      const { variables } = request.postDataJSON() as { readonly variables: { readonly after?: unknown } };
      if (isCut || typeof variables.after !== 'string' || variables.after === '') return route.continue();
      isCut = true;
      return route.abort();
    });
    // The second page of the list must be that of the export.
    await page.setViewportSize({ width: 1280, height: 400 });
    await page.goto(`${app.url}/app/leads?source=export`);
    await page.getByText('120 leads').waitFor();
    await page.evaluate(() => Object.assign(window, { showSaveFilePicker: undefined }));
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export CSV' }).click()]);
    await page.getByText('120 leads exported.').waitFor();
    expect(isCut).toBe(true);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(Buffer.from(chunk));
    expect(Buffer.concat(chunks).toString('utf8').trim().split('\r\n')).toHaveLength(121);
    expect(problems).toEqual([]);
    await page.context().close();
  });
});

/** A heartbeat, which says the same, comes after 15 s. */
const soonMs = 6000;

describe('an account in which nothing happens', () => {
  it('is live soon after its connection came back', async () => {
    const { page, line } = await openWithLine('/app/leads');
    line.cut();
    await page.locator('.live-badge.offline').waitFor();
    line.mend();
    await page.locator('.live-badge.live').waitFor({ timeout: soonMs });
    await page.context().close();
    line.close();
  });

  it('is live soon after its stream alone was ended', async () => {
    const { page } = await openPage(browser);
    const begun: string[] = [];
    let socket: WebSocketRoute | undefined;
    await page.routeWebSocket('**/graphql', (near) => {
      socket = near;
      const far = near.connectToServer();
      near.onMessage((message) => {
        const { type, id } = JSON.parse(String(message)) as { readonly type: string; readonly id?: string };
        if (type === 'subscribe' && id !== undefined) begun.push(id);
        far.send(message);
      });
    });
    await page.goto(`${app.url}/app/leads`);
    await page.locator('.live-badge.live').waitFor();
    socket?.send(JSON.stringify({ type: 'complete', id: begun[0] }));
    await expect.poll(() => begun.length).toBe(2);
    await page.locator('.live-badge.live').waitFor({ timeout: soonMs });
    await page.context().close();
  });
});

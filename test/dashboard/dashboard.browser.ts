import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { promisify } from 'node:util';
import type { Browser, Download, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { launchBrowser, openLine, openPage } from './browser.ts';

const run = promisify(execFile);
let browser: Browser;
let app: TestApp;
let page: Page;
let problems: readonly string[];

beforeAll(async () => {
  browser = await launchBrowser();
  app = await startApp({ WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' });
});

afterAll(async () => {
  await browser.close();
  await app.end();
});

async function open(path: string, origin = app.url): Promise<void> {
  ({ page, problems } = await openPage(browser));
  await page.goto(origin + path);
}

afterEach(async () => {
  expect(problems).toEqual([]);
  await page.context().close();
});

const postback = (body: Record<string, unknown>) => app.send('POST', '/api/postback', body);

describe('the dashboard', () => {
  it('guides through the first start: the commands that it shows make a lead that appears by itself', async () => {
    await open('/');
    await page.getByText('Waiting for the first lead').waitFor();
    const commands = await page.locator('.code pre').allTextContents();
    await run('bash', ['-c', commands[0] ?? '']);
    await page.getByRole('heading', { name: 'Pipeline Funnel' }).waitFor();
    await page.locator('.latest').getByText('John').waitFor();
    await run('bash', ['-c', commands[1] ?? '']);
    await page.locator('.latest').getByText('Moved from Form Started to Application Submitted').waitFor();
  });

  it('moves its numbers while it is looked at', async () => {
    await open('/');
    const today = page.locator('.cards > div', { hasText: 'Leads today' }).locator('dd');
    await expect.poll(() => today.textContent()).toBe('1');
    await postback({ email: 'second@example.com', source: 'bing' });
    await expect.poll(() => today.textContent()).toBe('2');
    expect(await page.locator('.live-badge').textContent()).toContain('Live');
  });

  it('shows a change within 300 ms in 95 of 100 cases', async () => {
    await open('/app/leads');
    await page.getByText('second@example.com').first().waitFor();
    await page.evaluate(() => {
      const seen: Record<string, number> = {};
      Object.assign(window, { seen });
      new MutationObserver(() => {
        for (const { textContent } of document.querySelectorAll('.who a')) {
          if (textContent?.startsWith('Speed')) seen[textContent] ??= Date.now();
        }
      }).observe(document.body, { childList: true, subtree: true, characterData: true });
    });
    const sent: Record<string, number> = {};
    for (let i = 0; i < 40; i++) {
      sent[`Speed ${i}`] = Date.now();
      await postback({ email: `speed${i}@example.com`, first_name: 'Speed', last_name: String(i) });
    }
    await page.getByText('Speed 39').waitFor();
    const seen = await page.evaluate(() => (window as unknown as { seen: Record<string, number> }).seen);
    const delays = Object.entries(sent)
      .map(([name, at]) => (seen[name] ?? Number.POSITIVE_INFINITY) - at)
      .sort((a, b) => a - b);
    expect(delays[Math.floor(delays.length * 0.95) - 1]).toBeLessThan(300);
  });

  it('moves a card that is dragged, and the history of the lead says so', async () => {
    await postback({ email: 'drag@example.com', first_name: 'Dragged', stage: 'Form Started' });
    await open('/app/board');
    const card = page.locator('[data-stage="Form Started"] .card', { hasText: 'Dragged' });
    const target = page.locator('[data-stage="Form Completed"]');
    await card.waitFor();
    const from = await card.boundingBox();
    const to = await target.boundingBox();
    if (!from || !to) throw new Error('not drawn');
    await page.mouse.move(from.x + 40, from.y + 40);
    await page.mouse.down();
    await page.mouse.move(from.x + 60, from.y + 60, { steps: 3 });
    await page.mouse.move(to.x + 80, to.y + 200, { steps: 5 });
    await page.mouse.up();
    const moved = target.locator('.card', { hasText: 'Dragged' });
    await moved.waitFor();
    await moved.getByRole('link').click();
    await page.getByRole('list', { name: 'Stage history' }).getByText('Form Started → Form Completed').waitFor();
  });

  it('moves a card by keyboard; a step back asks first and is recorded as forced', async () => {
    await open('/app/board');
    const link = page.locator('[data-stage="Form Completed"] .card', { hasText: 'Dragged' }).getByRole('link');
    await link.focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Space');
    await page.getByRole('dialog', { name: 'Move Dragged back?' }).waitFor();
    await page.getByLabel('Reason').fill('A mistake');
    await page.getByRole('button', { name: 'Move back' }).click();
    const back = page.locator('[data-stage="Form In Progress"] .card', { hasText: 'Dragged' }).getByRole('link');
    await expect.poll(() => back.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    const history = page.getByRole('list', { name: 'Stage history' });
    await history.getByText('forced').waitFor();
    await history.getByText('A mistake').waitFor();
  });

  it('lets changes made elsewhere slide into the board', async () => {
    await open('/app/board');
    await page.locator('[data-stage="Form In Progress"] .card', { hasText: 'Dragged' }).waitFor();
    await postback({ email: 'drag@example.com', stage: 'Paid' });
    await page.locator('[data-stage="Paid"] .card', { hasText: 'Dragged' }).waitFor();
    expect(await page.locator('[data-stage="Form In Progress"] .card', { hasText: 'Dragged' }).count()).toBe(0);
  });

  it('recovers from a broken connection with nothing missing', async () => {
    const line = await openLine(app.url);
    await open('/app/leads?source=cut', line.url);
    await page.locator('.live-badge.live').waitFor();
    line.cut();
    await page.locator('.live-badge.offline').waitFor();
    for (let i = 0; i < 25; i++) await postback({ email: `cut${i}@example.com`, first_name: 'Cut', last_name: String(i), source: 'cut' });
    line.mend();
    await page.locator('.live-badge.live').waitFor();
    await expect.poll(() => page.locator('.lead-table [role=table]').getAttribute('aria-rowcount')).toBe('26');
    await page.getByText('25 leads').waitFor();
    line.close();
  });

  it('searches, keeps the filters in the address, and deletes after it said what goes', async () => {
    await open('/app/leads');
    await page.getByLabel('Search').fill('second@example.com');
    await expect.poll(() => page.locator('.virtual .lead-row').count()).toBe(1);
    expect(page.url()).toContain('search=second%40example.com');
    await page.reload();
    await page.getByRole('button', { name: 'Delete second@example.com' }).click();
    await page.getByText('with 1 stage change and 1 receipt').waitFor();
    await page.getByRole('button', { name: 'Delete for good' }).click();
    await page.getByText('No lead matches these filters.').waitFor();
  });

  it('scrolls with the elements that are there, in the order of the rows for keyboard and screen readers', async () => {
    await Promise.all(Array.from({ length: 60 }, (_, i) => postback({ email: `scroll${i}@example.com`, source: 'scroll' })));
    await open('/app/leads?source=scroll');
    await page.getByText('60 leads').waitFor();
    const box = page.locator('.lead-scroll');
    const rows = page.locator('.virtual > .lead-row');
    // At the top nothing is drawn above what is in sight, so the middle has a few elements more.
    await box.evaluate((element) => element.scrollTo(0, 12 * 44));
    await expect.poll(() => rows.first().getAttribute('aria-rowindex')).toBe('8');
    await rows.evaluateAll((elements) => elements.forEach((element) => element.setAttribute('data-old', '')));
    const there = await rows.count();
    await box.evaluate((element) => element.scrollTo(0, 22 * 44));
    const indexes = () => rows.evaluateAll((elements) => elements.map((element) => Number(element.ariaRowIndex)));
    await expect.poll(indexes).toEqual(Array.from({ length: there }, (_, i) => i + 18));
    expect(await page.locator('.virtual > .lead-row[data-old]').count()).toBe(there);

    const focused = rows.nth(10).getByRole('link');
    await focused.focus();
    const name = await focused.textContent();
    await postback({ email: 'scroll-above@example.com', source: 'scroll' });
    await page.getByText('61 leads').waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(name);
    await box.evaluate((element) => element.scrollTo(0, 0));
    await expect.poll(indexes).toEqual(expect.arrayContaining([2, 3]));
    expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe('A');
  });

  it('exports everything that is stored of a person as a file', async () => {
    await postback({ email: 'export@example.com', first_name: 'Export', last_name: 'Me' });
    await open('/app/leads?search=export');
    await page.getByRole('link', { name: 'Export Me' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export', exact: true }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^lead-\d+\.json$/);
    const { data, isComplete } = JSON.parse(await textOf(download));
    expect(data.lead.email).toBe('export@example.com');
    expect(data.submissions).toHaveLength(1);
    expect(isComplete).toBe(true);
  });

  it('erases a person after it said what goes, and says which leads of the person stay', async () => {
    await postback({ email: 'forget@example.com', first_name: 'Forget', last_name: 'Me' });
    await open('/app/leads?search=forget');
    await page.getByRole('link', { name: 'Forget Me' }).click();
    await page.getByRole('button', { name: 'Erase person' }).click();
    await page.getByText('Nothing can bring it back').waitFor();
    await page.getByLabel('Reason').fill('Asked for it');
    await page.getByRole('button', { name: 'Erase for good' }).click();
    await page.getByRole('heading', { name: 'All Leads' }).waitFor();
    const { data } = await app.graphql('{ leads(filter: { search: "forget@example.com" }) { totalCount } }');
    expect(data.leads.totalCount).toBe(0);
  });

  it('exports the filtered list', async () => {
    await open('/app/leads?source=cut');
    await page.getByText('25 leads').waitFor();
    // Headless browsers have nobody to ask where to save.
    await page.evaluate(() => Object.assign(window, { showSaveFilePicker: undefined }));
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export CSV' }).click()]);
    const lines = (await textOf(download)).trim().split('\r\n');
    expect(lines).toHaveLength(26);
    expect(lines[0]).toContain('Number,Id,Date');
    await page.getByText('25 leads exported.').waitFor();
  });

  it('makes a source, and shows why its lead was refused', async () => {
    await open('/app/sources');
    await page.getByRole('button', { name: 'New source' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Partner');
    await page.getByLabel('Allowed states').fill('TX');
    await page.getByLabel('Approved').check();
    await page.getByLabel('Each lead needs a TrustedForm certificate').uncheck();
    await page.getByRole('button', { name: 'Create' }).click();
    const key = await page.getByRole('dialog').locator('code').textContent();
    await page.getByRole('button', { name: 'I have copied it' }).click();
    await page.getByText('ready').waitFor();

    const { data } = await app.graphql('{ sources(first: 1) { nodes { id } } }');
    const refused = await app.send(
      'POST',
      '/leads/intake',
      { firstName: 'Refused', phone: '+15555550123', state: 'NY' },
      { 'x-leadping-source-id': data.sources.nodes[0].id, 'x-leadping-source-key': key ?? '' },
    );
    expect(refused.status).toBe(400);
    await page.getByRole('link', { name: 'API', exact: true }).click();
    const command = await page.getByLabel('A lead of Partner').textContent();
    const { stdout } = await run('bash', [
      '-c',
      `${(command ?? '').replace('YOUR_SOURCE_KEY', key ?? '')} --silent --write-out '%{http_code}'`,
    ]);
    expect(stdout).toMatch(/20[01]$/);

    await page.getByRole('link', { name: 'Refused leads' }).click();
    const group = page.locator('.group', { hasText: 'must be one that the source may send from: TX' });
    await group.getByText('Partner').waitFor();
    await group.locator('summary').click();
    await group.locator('.tag', { hasText: 'rejected' }).waitFor();
  });

  it('edits a source; what the graph has against a field stands at that field', async () => {
    await open('/app/sources');
    await page.getByRole('button', { name: 'Edit Partner' }).click();
    const states = page.getByLabel('Allowed states');
    await expect.poll(() => states.inputValue()).toBe('TX');
    await states.fill('TX, Atlantis');
    await page.getByLabel('Cost per lead').fill('12.50');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('.field', { hasText: 'Allowed states' }).getByText('Must be a U.S. state').waitFor();
    expect(await states.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await states.getAttribute('aria-invalid')).toBe('true');
    await states.fill('TX, California');
    await page.getByLabel('Description').fill('Sends from two states');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('cell', { name: 'states TX, CA' }).waitFor();
    await page.getByText('Sends from two states').waitFor();
    const { data } = await app.graphql('{ sources(first: 1) { nodes { costPerLead allowedStates } } }');
    expect(data.sources.nodes).toEqual([{ costPerLead: '12.5', allowedStates: ['TX', 'CA'] }]);
  });

  it('makes and edits event types and campaigns', async () => {
    await open('/app/campaigns');
    await page.getByRole('button', { name: 'New event type' }).click();
    await page.getByLabel('event_id').fill('sale');
    await page.getByLabel('Counts as a conversion').check();
    await page.getByLabel('Payout').selectOption('percent');
    await page.getByLabel('How much').fill('10');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('cell', { name: '10%' }).waitFor();
    await page.getByRole('button', { name: 'Edit sale' }).click();
    await page.getByLabel('Name', { exact: true }).fill('A sale');
    await page.getByLabel('Payout').selectOption('');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('cell', { name: 'A sale', exact: true }).waitFor();

    await page.getByRole('button', { name: 'New campaign' }).click();
    await page.getByLabel('cid').fill('trigger');
    await page.getByRole('button', { name: 'Add an event' }).click();
    await page.getByLabel('event_id').fill('sale');
    await page.getByLabel('Payout').selectOption('fixed');
    await page.getByLabel('How much').fill('20');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.locator('.field', { hasText: 'cid' }).getByText('Must not be').waitFor();
    await page.getByLabel('cid').fill('spring');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByText('sale 20.00').waitFor();
    await page.getByRole('button', { name: 'Edit spring' }).click();
    expect(await page.getByLabel('Conversion').inputValue()).toBe('');
    await page.getByLabel('Can be fired').uncheck();
    await page.getByLabel('Repeats').selectOption('yes');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('sale 20.00 (off)').waitFor();
    const { data } = await app.graphql(
      '{ campaigns(first: 1) { nodes { cid events { eventId enabled isConversion allowRepeats payout { fixed } } } } }',
    );
    expect(data.campaigns.nodes[0]).toEqual({
      cid: 'spring',
      events: [{ eventId: 'sale', enabled: false, isConversion: true, allowRepeats: true, payout: { fixed: '20' } }],
    });
  });

  it('tests a webhook and shows the attempt', async () => {
    const { server, url } = await startReceiver();
    await open('/app/webhooks');
    await page.getByRole('button', { name: 'New webhook' }).click();
    await page.getByLabel('Name').fill('Receiver');
    await page.getByLabel('URL').fill(url);
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('button', { name: 'I have copied it' }).click();
    await page.getByRole('link', { name: 'Receiver' }).click();
    await page.getByRole('button', { name: 'Send a test' }).click();
    const delivery = page.getByRole('list', { name: 'Deliveries' }).locator('> li').first();
    await delivery.getByText('delivered').waitFor();
    await delivery.getByText('1 attempt').click();
    await delivery.getByText('200 in').waitFor();
    server.close();
  });

  it('edits what a webhook is told of; a header that stays masked stays', async () => {
    await open('/app/webhooks');
    await page.getByRole('link', { name: 'Receiver' }).click();
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('Headers').fill('X-Team: blue');
    await page.getByRole('checkbox', { name: 'save_lead' }).uncheck();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Must name at least one event').waitFor();
    await page.getByRole('checkbox', { name: 'stage.changed' }).check();
    await page.getByLabel('Method').selectOption('PUT');
    await page.getByLabel('Body').selectOption('full');
    await page.getByText('Only leads like these').click();
    await page.getByRole('checkbox', { name: 'Paid' }).check();
    await page.getByLabel('Sources').fill('google, bing');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('stage Paid, source google or bing').waitFor();
    await page.getByText('X-Team').waitFor();
    await page.getByRole('button', { name: 'Edit' }).click();
    expect(await page.getByLabel('Headers').inputValue()).toBe('X-Team: ********');
    await page.getByLabel('URL').fill('http://10.0.0.1/hook');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('.field', { hasText: 'URL' }).locator('.field-problem').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    const { data } = await app.graphql('{ webhooks(first: 1) { nodes { method events payloadFormat headers filter } } }');
    expect(data.webhooks.nodes[0]).toMatchObject({
      method: 'PUT',
      events: ['stage.changed'],
      payloadFormat: 'full',
      headers: { 'X-Team': '********' },
      filter: { stage: ['Paid'], source: ['google', 'bing'] },
    });
    await page.getByRole('button', { name: 'Disable' }).click();
    await page.getByRole('button', { name: 'Enable' }).click();
    await page.getByLabel('Send first').selectOption({ label: 'everything since it was disabled' });
    await page.getByRole('dialog').getByRole('button', { name: 'Enable' }).click();
    await page.getByRole('button', { name: 'Disable' }).waitFor();
  });

  it('counts before it replays', async () => {
    await open('/app/webhooks');
    await page.getByRole('link', { name: 'Receiver' }).click();
    await page.getByRole('button', { name: 'Replay' }).click();
    await page.getByRole('button', { name: 'Count first' }).click();
    await page.getByRole('dialog').getByText('0 deliveries.').waitFor();
  });
});

async function textOf(download: Download): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

async function startReceiver(): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((_request, response) => response.end('thank you'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The receiver has no port.');
  return { server, url: `http://127.0.0.1:${address.port}/hook` };
}

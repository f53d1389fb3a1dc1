import path from 'node:path';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, openPage } from './browser.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser.close());

/** The rows of a list apart from the dashboard: nobody loads a million of them in a test. */
const harness = `
  import { h, render, createRef } from 'preact';
  import { VirtualRows } from '${path.join(import.meta.dirname, '../../src/dashboard/ui/virtual-rows.tsx')}';
  const box = createRef();
  const look = { role: 'listitem', class: 'row', height: 44, keyOf: String, draw: (row) => h('span', null, row) };
  let ended = 0;
  const show = (rows) => render(
    h('div', { ref: box, id: 'box' }, h(VirtualRows, { box, rows, look, readAhead: 10, onNearEnd: () => ended++ })),
    document.getElementById('app'),
  );
  const upTo = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);
  Object.assign(window, { show, upTo, ended: () => ended });
`;

interface Harness {
  readonly show: (rows: readonly number[]) => void;
  readonly upTo: (from: number, to: number) => readonly number[];
  readonly ended: () => number;
}

async function openHarness() {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'harness',
        resolveId: (id) => (id === 'harness.js' ? `\0${id}` : null),
        load: (id) => (id === '\0harness.js' ? harness : null),
      },
    ],
    root: path.join(import.meta.dirname, '../..'),
    build: { write: false, minify: false, rollupOptions: { input: 'harness.js' } },
  });
  const [{ output }] = [built].flat() as unknown as readonly [{ readonly output: readonly { readonly code: string }[] }];
  const { page } = await openPage(browser);
  await page.setContent(`<style>#box { height: 600px; overflow: auto; overflow-anchor: none } .virtual { position: relative }
    .row { position: absolute; inset: 0 0 auto; height: 44px; contain: strict }</style><div id="app"></div>`);
  await page.addScriptTag({ content: output[0]?.code ?? '', type: 'module' });
  await page.waitForFunction(() => 'show' in window);
  return page;
}

/** The rows in sight from top to bottom, and where each begins within the box. */
const inSight = () => {
  const box = document.querySelector('#box');
  const top = box?.getBoundingClientRect().top ?? 0;
  return [...document.querySelectorAll('.row')]
    .map((row) => ({ row: Number(row.textContent), top: Math.round(row.getBoundingClientRect().top - top) }))
    .filter((place) => place.top > -44 && place.top < 600)
    .sort((a, b) => a.top - b.top);
};

describe('a list of a million rows', () => {
  it('is drawn without a hole from its first row to its last, and stays where it is read while rows come in above', async () => {
    const page = await openHarness();
    await page.evaluate(() => {
      const { show, upTo } = window as unknown as Harness;
      show(upTo(0, 1_000_000));
    });
    const scroll = async (to: number) => {
      await page.evaluate(async (top) => {
        document.querySelector('#box')?.scrollTo(0, top);
        for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
      }, to);
      // A browser tells of scrolling with the next frame that it draws.
      await expect.poll(async () => (await page.evaluate(inSight)).length).toBeGreaterThan(12);
      const rows = await page.evaluate(inSight);
      rows.forEach(({ row, top }, i) => expect({ row, top }).toEqual({ row: (rows[0]?.row ?? 0) + i, top: (rows[0]?.top ?? 0) + i * 44 }));
      return rows;
    };
    expect((await scroll(0))[0]).toEqual({ row: 0, top: 0 });
    const height = await page.evaluate(() => document.querySelector('#box')?.scrollHeight ?? 0);
    const last = await scroll(height);
    expect(last.at(-1)).toEqual({ row: 999_999, top: 600 - 44 });
    expect(await page.evaluate(() => (window as unknown as Harness).ended())).toBeGreaterThan(0);
    // The wheel moves by as much as anywhere.
    const near = await scroll(await page.evaluate(() => (document.querySelector('#box')?.scrollTop ?? 0) - 440));
    expect(near.at(-1)).toEqual({ row: 999_989, top: 600 - 44 });
    const middle = await scroll(height / 2);
    expect(Math.abs((middle[0]?.row ?? 0) - 500_000)).toBeLessThan(100);
    await page.evaluate(() => {
      const { show, upTo } = window as unknown as Harness;
      show(upTo(-3, 1_000_100));
    });
    const after = await page.evaluate(inSight);
    expect(after[0]?.row).toBe(middle[0]?.row);
    expect(Math.abs((after[0]?.top ?? 0) - (middle[0]?.top ?? 0))).toBeLessThan(2);
    await page.context().close();
  });
});

import { expect, it } from 'vitest';
import type { Change } from '../../prisma/generated/client/client.ts';
import { createLogWindow } from '../../src/changes/log-window.ts';

/** A log of which every entry says how often it was rewritten. */
function createRewrittenLog() {
  let version = 1;
  const waiting: (() => void)[] = [];
  let isSlow = false;
  const window = createLogWindow({
    async read({ after, upTo }) {
      const summary = `version ${version}`;
      if (isSlow) await new Promise<void>((resolve) => waiting.push(resolve));
      return Array.from({ length: upTo - after }, (_, i) => ({ seq: BigInt(after + i + 1), summary }) as Change);
    },
    pageSize: 4,
  });
  return {
    window,
    rewrite: () => void (version += 1),
    slow: (yes: boolean) => void (isSlow = yes),
    answer: () => waiting.splice(0).forEach((resolve) => resolve()),
  };
}

it('shows nothing any more that was read before it was told to forget, to those who hold a page neither', async () => {
  const { window, rewrite } = createRewrittenLog();
  const held = await window.pageWith(2, 3);
  expect([held.covers(2), held.changeAt(2)?.summary]).toEqual([true, 'version 1']);
  rewrite();
  window.forget();
  expect(held.covers(2)).toBe(false);
  expect((await window.pageWith(2, 3)).changeAt(2)?.summary).toBe('version 2');
});

it('reads again what was under way when it was told to forget', async () => {
  const { window, rewrite, slow, answer } = createRewrittenLog();
  slow(true);
  const asked = [1, 3].map(async (seq) => window.pageWith(seq, 3));
  await Promise.resolve();
  rewrite();
  window.forget();
  slow(false);
  answer();
  for (const page of await Promise.all(asked)) expect([page.covers(3), page.changeAt(3)?.summary]).toEqual([true, 'version 2']);
});

it('goes on with the page that it has', async () => {
  const { window, rewrite } = createRewrittenLog();
  await window.pageWith(1, 2);
  rewrite();
  const page = await window.pageWith(3, 4);
  expect([1, 2, 3, 4].map((seq) => page.changeAt(seq)?.summary)).toEqual(['version 1', 'version 1', 'version 2', 'version 2']);
});

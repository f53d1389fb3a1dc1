import type { Page } from 'playwright-core';

export interface Frames {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  /** Tasks of the page's own that held the main thread for more than 50 ms. */
  readonly longTasks: number;
}

/** The time between the frames of a page for so long; meanwhile it scrolls by so many pixels a frame, from one end to the other and back. */
export async function watchFrames(
  page: Page,
  seconds: number,
  scroll?: { readonly selector: string; readonly step: number },
): Promise<Frames> {
  const { deltas, longTasks } = await page.evaluate(
    ({ ms, selector, step }) =>
      new Promise<{ deltas: number[]; longTasks: number }>((resolve) => {
        const box = selector === null ? null : document.querySelector(selector);
        const found: number[] = [];
        let tasks = 0;
        new PerformanceObserver((list) => (tasks += list.getEntries().length)).observe({ entryTypes: ['longtask'] });
        let direction = 1;
        let last = performance.now();
        const until = last + ms;
        const frame = (now: number): void => {
          found.push(now - last);
          last = now;
          if (box) {
            const before = box.scrollTop;
            box.scrollTop += direction * step;
            if (box.scrollTop === before) direction = -direction;
          }
          if (now < until) requestAnimationFrame(frame);
          else resolve({ deltas: found.slice(1), longTasks: tasks });
        };
        requestAnimationFrame(frame);
      }),
    { ms: seconds * 1000, selector: scroll?.selector ?? null, step: scroll?.step ?? 0 },
  );
  const sorted = deltas.toSorted((a, b) => a - b);
  const at = (share: number): number => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), longestMs: at(1), longTasks };
}

export const round = (value: number): number => Math.round(value * 10) / 10;

import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** The dashboard in a real Chromium. Apart from `npm test`, which needs no browser. */
export default defineConfig({
  ...base,
  test: { ...base.test, include: ['test/dashboard/**/*.browser.ts'], fileParallelism: false },
});

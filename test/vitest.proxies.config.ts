import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** The server behind a real nginx and a real HAProxy. Apart from `npm test`, which needs nothing installed. */
export default defineConfig({
  ...base,
  test: { ...base.test, include: ['test/proxies/**/*.proxy.ts'], fileParallelism: false },
});

import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** What takes longer than a test of `npm test` may: processes that are killed, starved of descriptors or memory, migrated under load. */
export default defineConfig({
  ...base,
  test: { ...base.test, include: ['test/faults/**/*.fault.ts'], testTimeout: 120_000, fileParallelism: false },
});

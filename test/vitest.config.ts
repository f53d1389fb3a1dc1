import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // Yoga loads CommonJS `graphql` and we would load its ES module: two copies, whose errors and schemas do not know each other.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 2,
    // The modules keep no state, so files of one worker may share them: loading them anew for each file took half of the CPU.
    isolate: false,
    reporters: ['default', './test/support/closing-line.ts'],
  },
});

import { defineConfig } from 'vitest/config';

/** The tests that `npm run mutate` tries each change with: quick ones, without processes or sockets. */
export default defineConfig({
  test: {
    include: [
      'test/model/**/*.test.ts',
      'test/rollout/**/*.test.ts',
      'test/engine/{admit,draft,out-first,preflight,recovery-steps,resume,twins}.test.ts',
      'test/sim/{checkers,regressions}.test.ts',
      'test/config/{fleet-file,fleet-file-mistakes,inventory-file,release-source}.test.ts',
      'test/ui/{plan-text,summary,tables}.test.ts',
    ],
    // Properties try the same values each time: a score that can be compared with the one before.
    setupFiles: ['test/fixed-seed.ts'],
    testTimeout: 20_000,
  },
});

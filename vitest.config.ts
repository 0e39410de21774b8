import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Most of a file's time is spent in waiting, so the machine that runs vitest needs no core for itself. */
const FILES_AT_ONCE = Math.max(2, availableParallelism());

/**
 * `fast` needs nothing but Node, git and sh; `real` boots systemd containers and must be root;
 * `matrix` boots every kind of host, and is run by `npm run matrix` alone.
 */
export default defineConfig({
  test: {
    reporters: ['default', './test/count-reporter.ts'],
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/real/**', 'test/e2e/**', 'test/matrix/**'],
          testTimeout: 20_000,
          maxWorkers: FILES_AT_ONCE,
        },
      },
      {
        test: {
          name: 'real',
          include: ['test/real/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          globalSetup: ['./scripts/ensure-built.mjs', './test/real/support/base-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'matrix',
          include: ['test/matrix/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});

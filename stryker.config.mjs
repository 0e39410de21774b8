/**
 * `npm run mutate`: changes `src/model` and `src/rollout` one place at a time and looks whether a
 * fast test fails. Its score, and what survives, is in docs/reliability.md.
 */
export default {
  mutate: ['src/model/**/*.ts', 'src/rollout/**/*.ts'],
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'vitest.mutate.config.ts' },
  // Each change is tried with the tests that reach it, and with no others.
  coverageAnalysis: 'perTest',
  // What is made once, when a file is loaded, would need every test for each change: minutes each.
  ignoreStatic: true,
  concurrency: 2,
  // A change that makes a run go on for ever is one that is noticed.
  timeoutMS: 5000,
  tempDirName: '.tmp/mutate',
  ignorePatterns: [
    '/.tmp',
    '/dist',
    '/docs',
    '/bench',
    '/examples',
    '/inventories',
    '/CHANGELOG.md',
  ],
  allowEmpty: false,
  reporters: ['clear-text', 'json'],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: '.tmp/mutate.json' },
};

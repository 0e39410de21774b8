import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as z from 'zod';
import { ifInterrupted } from './interrupts.js';
import type { TestName } from './mutation.js';

/** One test that ran. */
export interface TestRun {
  /** From the top of the tree. */
  readonly file: string;
  readonly name: string;
  readonly passed: boolean;
  /** The first line of why it failed; empty where it passed. */
  readonly message: string;
}

const report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

export interface RunTestsOptions {
  /** Files that run at once. */
  readonly workers: number;
  /** What all of it may take before it is ended, in milliseconds. */
  readonly patienceMs: number;
}

/** Runs the tests of those names in `tree`; null where vitest came to no end. */
export async function runTests(
  tree: string,
  tests: readonly TestName[],
  { workers, patienceMs }: RunTestsOptions,
): Promise<readonly TestRun[] | null> {
  const output = join(tree, 'mutations-report.json');
  const files = [...new Set(tests.map(({ file }) => file))];
  const pattern = tests.map(({ part }) => escaped(part)).join('|');
  const reporter = ['--reporter=json', `--outputFile=${output}`];
  const args = [...reporter, `--maxWorkers=${workers}`, '-t', pattern, ...files];
  await spawnVitest(tree, args, patienceMs);
  if (!existsSync(output)) return null;
  const { testResults } = report.parse(JSON.parse(readFileSync(output, 'utf8')));
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'passed' || status === 'failed')
      .map(({ fullName, status, failureMessages }) => ({
        file: relative(tree, name),
        name: fullName,
        passed: status === 'passed',
        message: failureMessages?.[0]?.split('\n')[0] ?? '',
      })),
  );
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function spawnVitest(tree: string, args: readonly string[], patienceMs: number): Promise<void> {
  const command = join(tree, 'node_modules/.bin/vitest');
  // A group of its own, so that all of it can be ended.
  const child = spawn(command, ['run', '--project', 'fast', ...args], {
    cwd: tree,
    stdio: 'ignore',
    detached: true,
  });
  const end = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  const forget = ifInterrupted(end);
  const timer = setTimeout(end, patienceMs);
  return new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve());
  }).finally(() => {
    clearTimeout(timer);
    forget();
  });
}

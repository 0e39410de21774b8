import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Guard, removeGuard, type TestName, testNameOf } from './guard.js';
import { syntaxError } from './parse.js';
import { runTests, type TestRun } from './run-tests.js';
import { withCopy } from './tree.js';

/**
 * What taking one guard out has shown.
 * - `noticed`: a test has failed by what it expects
 * - `unnoticed`: every test passed without the guard
 * - `spoiled`: nothing was shown: the guard is not where the list says, or more than it is broken
 */
export type Verdict =
  | { readonly kind: 'noticed'; readonly by: TestRun }
  | { readonly kind: 'unnoticed' }
  | { readonly kind: 'spoiled'; readonly why: string };

export interface Trial {
  readonly guard: Guard;
  readonly verdict: Verdict;
  readonly seconds: number;
}

/** A host program without one guard still deploys; else what fails is not the guard's absence. */
const STILL_DEPLOYS = testNameOf(
  'test/host/deploy.test.ts > under dash a first deploy ends idle on the release',
);

/** What is broken may hang. */
const PATIENCE_MS = 120_000;

const isShell = ({ file }: Guard): boolean => file.endsWith('.sh');

/** The tests that a trial runs. */
export function testsOf(guard: Guard): readonly TestName[] {
  const named = guard.noticedBy.map(testNameOf);
  return isShell(guard) ? [...named, STILL_DEPLOYS] : named;
}

export const isOf = (run: TestRun, { file, part }: TestName): boolean =>
  run.file === file && run.name.includes(part);

/** Takes the guard out of a copy of the tree and runs its tests there. */
export async function tryWithout(guard: Guard, root: string): Promise<Trial> {
  const began = performance.now();
  const verdict = await withCopy(root, (tree) => verdictIn(tree, guard));
  return { guard, verdict, seconds: (performance.now() - began) / 1000 };
}

async function verdictIn(tree: string, guard: Guard): Promise<Verdict> {
  const file = join(tree, guard.file);
  const text = removeGuard(readFileSync(file, 'utf8'), guard);
  if (text === null) return spoiled(`is not in ${guard.file} exactly once`);
  const wrong = await syntaxError(guard.file, text);
  if (wrong !== null) return spoiled(`without it, ${guard.file} does not parse: ${wrong}`);
  writeFileSync(file, text);
  const runs = await runTests(tree, testsOf(guard), { workers: 1, patienceMs: PATIENCE_MS });
  return runs === null ? spoiled('the tests came to no end') : judge(guard, runs);
}

function judge(guard: Guard, runs: readonly TestRun[]): Verdict {
  const works = runs.some((run) => isOf(run, STILL_DEPLOYS) && run.passed);
  if (isShell(guard) && !works) return spoiled('without it, nothing can be deployed at all');
  const own = runs.filter((run) => guard.noticedBy.some((text) => isOf(run, testNameOf(text))));
  if (own.length === 0) return spoiled('none of its tests could run');
  const failed = own.filter(({ passed }) => !passed);
  const by = failed.find(({ message }) => !CRASHED.test(message));
  if (by !== undefined) return { kind: 'noticed', by };
  const [crashed] = failed;
  return crashed === undefined ? { kind: 'unnoticed' } : spoiled(crashed.message);
}

/** What fails by this has not found anything out; the code is broken, or hangs. */
const CRASHED = /^(TypeError|ReferenceError|SyntaxError|Error: (Test|Hook) timed out)/;

const spoiled = (why: string): Verdict => ({ kind: 'spoiled', why });

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mutation, mutate, type TestName, testNameOf } from './mutation.js';
import { syntaxError } from './parse.js';
import { runTests, type TestRun } from './run-tests.js';
import { withCopy } from './tree.js';

/**
 * What one mutation has shown.
 * - `noticed`: a test has failed by what it expects
 * - `unnoticed`: every test passed
 * - `spoiled`: nothing was shown: the check is not where the list says, or more than it is broken
 */
export type Verdict =
  | { readonly kind: 'noticed'; readonly by: TestRun }
  | { readonly kind: 'unnoticed' }
  | { readonly kind: 'spoiled'; readonly why: string };

export interface Trial {
  readonly mutation: Mutation;
  readonly verdict: Verdict;
  readonly seconds: number;
}

/** A mutated host program still deploys; else a failure says nothing of the mutation. */
const STILL_DEPLOYS = testNameOf(
  'test/host/deploy.test.ts > under dash a first deploy ends idle on the release',
);

/** What is broken may hang. */
const PATIENCE_MS = 120_000;

const isShell = ({ file }: Mutation): boolean => file.endsWith('.sh');

/** The tests that a trial runs. */
export function testsOf(mutation: Mutation): readonly TestName[] {
  const named = mutation.noticedBy.map(testNameOf);
  return isShell(mutation) ? [...named, STILL_DEPLOYS] : named;
}

export const isOf = (run: TestRun, { file, part }: TestName): boolean =>
  run.file === file && run.name.includes(part);

/** Makes the mutation in a copy of the tree and runs its tests there. */
export async function tryWithout(mutation: Mutation, root: string): Promise<Trial> {
  const began = performance.now();
  const verdict = await withCopy(root, (tree) => verdictIn(tree, mutation));
  return { mutation, verdict, seconds: (performance.now() - began) / 1000 };
}

async function verdictIn(tree: string, mutation: Mutation): Promise<Verdict> {
  const file = join(tree, mutation.file);
  const text = mutate(readFileSync(file, 'utf8'), mutation);
  if (text === null) return spoiled(`is not in ${mutation.file} exactly once`);
  const wrong = await syntaxError(mutation.file, text);
  if (wrong !== null) return spoiled(`without it, ${mutation.file} does not parse: ${wrong}`);
  writeFileSync(file, text);
  const runs = await runTests(tree, testsOf(mutation), { workers: 1, patienceMs: PATIENCE_MS });
  return runs === null ? spoiled('the tests came to no end') : judge(mutation, runs);
}

function judge(mutation: Mutation, runs: readonly TestRun[]): Verdict {
  const works = runs.some((run) => isOf(run, STILL_DEPLOYS) && run.passed);
  if (isShell(mutation) && !works) return spoiled('without it, nothing can be deployed at all');
  const own = runs.filter((run) => mutation.noticedBy.some((text) => isOf(run, testNameOf(text))));
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

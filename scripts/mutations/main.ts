import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pLimit from 'p-limit';
import { MUTATIONS } from './list.js';
import { type Mutation, testNameOf } from './mutation.js';
import { runTests } from './run-tests.js';
import { withCopy } from './tree.js';
import { isOf, type Trial, testsOf, tryWithout } from './trial.js';

/** `npm run mutations [-- --only NAME]`: makes one mutation after the other, and shows that a test fails. */

const ROOT = join(import.meta.dirname, '../..');
/** More at once would only make tests slow that wait for real processes. */
const AT_ONCE = 2;

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
const { only } = values;
const chosen = MUTATIONS.filter(({ name }) => only?.some((part) => name.includes(part)) ?? true);
process.exitCode = await tryAll(chosen);

async function tryAll(mutations: readonly Mutation[]): Promise<number> {
  if (mutations.length === 0) {
    const names = MUTATIONS.map(({ name }) => `  ${name}`).join('\n');
    process.stderr.write(`No mutation is called ${only?.join(', ')}. There are:\n${names}\n`);
    return 2;
  }
  const lacking = await lackingTests(mutations);
  if (lacking.length > 0) {
    const said = 'Without any mutation, these tests do not pass, or are not there';
    process.stderr.write(`${said}:\n  ${lacking.join('\n  ')}\n`);
    return 1;
  }
  const limit = pLimit(AT_ONCE);
  const trials = await Promise.all(
    mutations.map((mutation) =>
      limit(async () => {
        const trial = await tryWithout(mutation, ROOT);
        process.stdout.write(`${rowOf(trial)}\n`);
        return trial;
      }),
    ),
  );
  const noticed = trials.filter(({ verdict }) => verdict.kind === 'noticed');
  process.stdout.write(`\n${noticed.length} of ${trials.length} mutations are noticed\n`);
  return noticed.length === trials.length ? 0 : 1;
}

/** What the list says of tests has to be so on the untouched tree, else a trial shows nothing. */
async function lackingTests(mutations: readonly Mutation[]): Promise<readonly string[]> {
  const options = { workers: AT_ONCE, patienceMs: 1_800_000 };
  const tests = mutations.flatMap(testsOf);
  const runs = (await withCopy(ROOT, (tree) => runTests(tree, tests, options))) ?? [];
  const failed = runs.filter(({ passed }) => !passed);
  const named = [...new Set(mutations.flatMap(({ noticedBy }) => noticedBy))];
  return [
    ...failed.map(({ file, name, message }) => `${file} > ${name}: ${message}`),
    ...named.filter((text) => !runs.some((run) => isOf(run, testNameOf(text)))),
  ];
}

function rowOf({ mutation, verdict, seconds }: Trial): string {
  const columns = [mutation.name.padEnd(44), outcome(verdict), `${seconds.toFixed(1)} s`];
  return columns.join(' | ');
}

function outcome(verdict: Trial['verdict']): string {
  switch (verdict.kind) {
    case 'noticed':
      return `${verdict.by.file.replace(/^test\//, '')}: ${verdict.by.name}`;
    case 'unnoticed':
      return 'NOT NOTICED';
    case 'spoiled':
      return `NOTHING SHOWN: ${verdict.why}`;
  }
}

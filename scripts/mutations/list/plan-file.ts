import type { Mutation } from '../mutation.js';

const FILE = 'test/engine/plan-file/plan-file.test.ts';
const APPLY = 'test/cli/plan-file.test.ts';
const BUILD = 'test/cli/build.test.ts';

/** What keeps `fleet apply` from another plan than the one that was approved. */
export const PLAN_FILE_MUTATIONS: readonly Mutation[] = [
  {
    name: 'plan file: its digest',
    protects: 'an edited plan is not applied',
    file: 'src/engine/plan-file/plan-file.ts',
    find: '  if (digest !== digestOf(content)) throw',
    without: '  if (digest === undefined) throw',
    noticedBy: [`${FILE} > of a changed byte is refused, wherever the byte is`],
  },
  {
    name: 'plan file: other runs since then',
    protects: 'a plan is not applied over what another run has done',
    file: 'src/engine/plan-file/changes.ts',
    find: '!FOLLOWING.has(key))',
    without: "!FOLLOWING.has(key) && key !== 'epoch')",
    noticedBy: [`${FILE} > is another run, also if it changed nothing`],
  },
  {
    name: 'plan file: applied once',
    protects: 'a plan is not applied a second time',
    file: 'src/cli/rollout/refuse-applied.ts',
    find: 'journal.plan?.madeFrom?.digest === file.digest',
    without: 'journal.plan?.madeFrom?.digest === run',
    noticedBy: [`${APPLY} > is carried out on any bastion, once`],
  },
  {
    name: 'plan file: what is no plan is not replaced',
    protects: "a person's file is not overwritten by --out",
    file: 'src/cli/rollout/plan-output.ts',
    find: '(found.size === 0 || isPlanFile(textOf(file)))',
    without: 'found.size >= 0',
    noticedBy: [`${APPLY} > replaces an earlier one or an empty file, and nothing else`],
  },
  {
    name: 'build: one at a time in a folder',
    protects: 'a release is not packed while another command builds over it',
    file: 'src/cli/rollout/build.ts',
    find: "source.kind === 'git' ? null : await",
    without: "source.kind !== 'url' ? null : await",
    noticedBy: [`${BUILD} > waits for another one in the same folder`],
  },
];

import type { Mutation } from '../mutation.js';

/** Hosts that are sick or new before a run, and what hosts ran before. */
export const HOSTS_BUDGET_MUTATIONS: readonly Mutation[] = [
  {
    name: 'bad: not for an interruption',
    protects: 'a run that was cut off leaves no release that cannot be gone back to',
    file: 'src/host/program/steps/72-judge.sh',
    find: '  [ "$S_found" != bad ] || mark "$S_to" bad\n',
    without: '  mark "$S_to" bad\n',
    noticedBy: ['test/host/judge.test.ts > that was only interrupted is not bad: its timer fires'],
  },
  {
    name: 'bad: what this host has found',
    protects: 'deployer#4115: a release that was not healthy is bad, whoever goes back from it',
    file: 'src/host/program/steps/60-verify.sh',
    find: '    append_state found=bad\n    fail_with_journal "$MISS_CODE"',
    without: '    fail_with_journal "$MISS_CODE"',
    noticedBy: ['test/host/judge.test.ts > that was not healthy is bad, though its timer fires'],
  },
];

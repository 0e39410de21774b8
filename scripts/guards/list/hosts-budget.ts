import type { Guard } from '../guard.js';

/** Hosts that are sick or new before a run, and what hosts ran before. */
export const HOSTS_BUDGET_GUARDS: readonly Guard[] = [
  {
    name: 'out first: before every host that serves',
    protects: 'a fleet that is half dead can be cured within max_unavailable',
    file: 'src/model/waves.ts',
    find: '    { hosts: out.slice(canaries), step: 1 },\n  ];',
    without: '  ];\n  others.push(...out.slice(canaries));',
    noticedBy: ['test/model/waves.test.ts > begin with one of them, then all the rest of them'],
  },
  {
    name: 'out first: no verdict over an empty list',
    protects: 'a host whose units were not read is never called serving',
    file: 'src/engine/condition.ts',
    find: '  return unreadWords(service.units, facts);',
    without: '  return null;',
    noticedBy: ['test/engine/condition.test.ts > is out where no unit could be read'],
  },
  {
    name: 'new: is not counted',
    protects: 'one new host beside seven stops nothing',
    file: 'src/rollout/host-run.ts',
    find: "  if (host.plan.condition.kind === 'new') return false;\n",
    without: '',
    noticedBy: [
      'test/rollout/limits.test.ts > a host that never served is free of budget, and counts only while',
    ],
  },
  {
    name: 'new: is counted while it is in flight',
    protects: 'I4: what is in flight leaves that much less room',
    file: 'src/rollout/budget.ts',
    find: ' + started;',
    without: ' + 0 * started;',
    noticedBy: ['test/rollout/invariants.test.ts > whatever hosts do, in whatever order'],
  },
  {
    name: 'rollback: never to what was rolled back from',
    protects: 'people do not get back what they have just left',
    file: 'src/model/earlier.ts',
    find: "  if (kind === 'rollback') return without(backTo(earlier, to), from);\n",
    without: '',
    noticedBy: ['test/model/earlier.test.ts > never to one that people rolled back from'],
  },
  {
    name: 'rollback: one host rules no release out',
    protects: 'no host chooses for the others which release a commit means',
    file: 'src/model/sole-meaning.ts',
    find: 'return doubters > 1 || doubters === hosts.length;',
    without: 'return doubters > 0;',
    noticedBy: [
      'test/model/sole-meaning.test.ts > is ambiguous where only one host says that it cannot be the other',
    ],
  },
  {
    name: 'bad: not for an interruption',
    protects: 'a run that was cut off leaves no release that cannot be gone back to',
    file: 'src/host/program/72-judge.sh',
    find: '  [ "$S_found" != bad ] || mark "$S_to" bad\n',
    without: '  mark "$S_to" bad\n',
    noticedBy: ['test/host/judge.test.ts > that was only interrupted is not bad: its timer fires'],
  },
  {
    name: 'bad: what this host has found',
    protects: 'deployer#4115: a release that was not healthy is bad, whoever goes back from it',
    file: 'src/host/program/60-verify.sh',
    find: '    append_state found=bad\n    fail_with_journal "$MISS_CODE"',
    without: '    fail_with_journal "$MISS_CODE"',
    noticedBy: ['test/host/judge.test.ts > that was not healthy is bad, though its timer fires'],
  },
];

import type { Mutation } from '../mutation.js';

/** No host speaks for another, and none opens or ends the record of a run. */
export const SECURITY_LIES_MUTATIONS: readonly Mutation[] = [
  {
    name: 'lies: content by its digest',
    protects: 'nothing to do is said only where a host has the content',
    file: 'src/engine/plan/build-plan.ts',
    find: '    hasRelease(facts, release) &&\n',
    without: '',
    noticedBy: ['test/engine/plan/build-plan.test.ts > only where it has a record of that content'],
  },
  {
    name: 'lies: an epoch for each host',
    protects: "the epoch of one host is no other host's",
    file: 'src/engine/plan/build-plan.ts',
    find: '  const epoch = facts.epoch + 1;\n',
    without: '  const epoch = 1 + Math.max(...input.hosts.map((read) => read.facts.epoch));\n',
    noticedBy: ['test/security/lying-host-deploy.test.ts > names the highest epoch that is one'],
  },
  {
    name: 'lies: an epoch that is none',
    protects: 'a host that was told a huge epoch can be deployed to again',
    file: 'src/host/program/frame/20-state.sh',
    find: 'epoch=*) is_epoch ',
    without: 'epoch=*) is_number ',
    noticedBy: [
      'test/security/lying-host-deploy.test.ts > was left with such an epoch by an older fleet',
    ],
  },
  {
    name: 'lies: only dead runs are ended',
    protects: 'no host ends the record of a run that is alive, or elsewhere',
    file: 'src/cli/records/close-records.ts',
    find: "runLiveness(closing.context.stateDir, run) === 'dead'",
    without: "run !== ''",
    noticedBy: [
      'test/security/lying-host-recovery.test.ts > is alive on this bastion, and is taken by force',
    ],
  },
  {
    name: 'lies: the name of a run',
    protects: 'the word of a host is no path on the bastion',
    file: 'src/engine/journal/journal.ts',
    find: '  if (!isRunId(run)) {',
    without: '  if (run.length > 9999) {',
    noticedBy: ['test/engine/journal/journal.test.ts > is nowhere but below runs'],
  },
  {
    name: 'lies: no link in a record',
    protects: 'what fleet writes of a run goes through no link',
    file: 'src/files/own-files.ts',
    find: 'flags | O_NOFOLLOW | O_NONBLOCK',
    without: 'flags | O_NONBLOCK',
    noticedBy: ['test/security/lying-host-recovery.test.ts > is not written through a link'],
  },
];

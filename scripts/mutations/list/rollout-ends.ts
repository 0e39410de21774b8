import type { Mutation } from '../mutation.js';

const MACHINE = 'test/rollout/machine.test.ts';
const PAUSING = 'test/rollout/pausing.test.ts';

/** Whose hosts they are, and how a run has ended. */
export const ROLLOUT_END_MUTATIONS: readonly Mutation[] = [
  {
    name: 'claims: all or nothing',
    protects: 'shipit-engine#254: two deploys each hold half of the hosts',
    file: 'src/rollout/advance.ts',
    find: "if (refused.length > 0) return turn.stop({ kind: 'claim-refused', hosts: refused });",
    without: '',
    noticedBy: [`${MACHINE} > a refused claim ends the run with every claim given up`],
  },
  {
    name: 'fenced in a switch',
    protects: 'I3: nothing is undone on a host that others own',
    file: 'src/rollout/apply-input.ts',
    find:
      'function noteSwitched(turn: TransitionBuilder, host: HostName, result: StepResult): void {\n' +
      "  if (result.kind !== 'ok' && isFenced(result.failure)) return turn.fence(host, result.failure);",
    without:
      'function noteSwitched(turn: TransitionBuilder, host: HostName, result: StepResult): void {',
    noticedBy: [`${PAUSING} > ends the run with 7, and is sent nothing more`],
  },
  {
    name: 'fenced while staging',
    protects: 'I3: a run that lost a host stops',
    file: 'src/rollout/apply-input.ts',
    find: "if (kind === 'staged' && isFenced(result.failure)) return turn.fence(host, result.failure);",
    without: '',
    noticedBy: [`${PAUSING} > is noticed while it is staged`],
  },
  {
    name: 'fenced in a gate',
    protects: 'I3: a run that lost a host stops',
    file: 'src/rollout/apply-input.ts',
    find: "if (reading.kind === 'unknown' && isFenced(reading.failure)) turn.fence(host, reading.failure);",
    without: '',
    noticedBy: [`${PAUSING} > is noticed in a gate`],
  },
  {
    name: 'fenced on the way back',
    protects: 'I3: a run that lost a host says so',
    file: 'src/rollout/apply-input.ts',
    find:
      'function noteReverted(turn: TransitionBuilder, host: HostName, result: StepResult): void {\n' +
      "  if (result.kind !== 'ok' && isFenced(result.failure)) return turn.fence(host, result.failure);",
    without:
      'function noteReverted(turn: TransitionBuilder, host: HostName, result: StepResult): void {',
    noticedBy: [`${PAUSING} > is noticed during its rollback`],
  },
  {
    name: 'a fenced host is sent nothing',
    protects: 'I3: nothing is sent to a host that others own',
    file: 'src/rollout/finish.ts',
    find: 'if (host.fenced && host.failure !== null) {',
    without: 'if (false) {',
    noticedBy: [`${PAUSING} > ends the run with 7, and is sent nothing more`],
  },
  {
    name: 'a fenced host is not undone',
    protects: 'I3: nothing is undone on a host that others own',
    file: 'src/rollout/state/host-run.ts',
    find: "host.stage === 'done' && !host.fenced",
    without: "host.stage === 'done'",
    noticedBy: [`${PAUSING} > is noticed in a gate`],
  },
  {
    name: 'a confirmation that was refused',
    protects: 'I7: what the host refused to confirm is not done',
    file: 'src/rollout/apply-input.ts',
    find: "if (result.kind !== 'ok') return noteSwitched(turn, host, result);",
    without: '',
    noticedBy: [`${MACHINE} > is one whose confirmation the host refuses`],
  },
  {
    name: 'last reading: every host',
    protects: 'I9: succeeded means that every host was read again',
    file: 'src/rollout/finish.ts',
    find: "if (turn.state.hosts.count('unread') === 0) closeRun(turn);",
    without: 'closeRun(turn);',
    noticedBy: [`${MACHINE} > outranks memory: a host that contradicts it is unknown`],
  },
  {
    name: 'last reading: unread is unknown',
    protects: 'I9: what was not read is not known',
    file: 'src/rollout/conclude.ts',
    find: "if (final.kind === 'unread') return { stage: 'unknown', failure: failure ?? final.failure };",
    without: "if (final.kind === 'unread') return { stage: host.stage, failure };",
    noticedBy: [`${MACHINE} > outranks memory: a host that contradicts it is unknown`],
  },
];

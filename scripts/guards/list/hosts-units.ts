import type { Guard } from '../guard.js';

const PARTS = 'test/host/unit-parts.test.ts';
const BACK = 'test/host/way-back.test.ts';
const PROBLEMS = 'test/engine/unit-problems.test.ts';
const JUDGE = 'src/host/program/63-judge-parts.sh';

/** Units that are no plain service, and what systemd does to them that fleet has to reckon with. */
export const HOSTS_UNIT_GUARDS: readonly Guard[] = [
  {
    name: 'verify: what is behind a target',
    protects: 'a target stays active over services that died',
    file: 'src/host/program/60-verify.sh',
    find: '  judge_parts || return 1\n',
    without: '',
    noticedBy: [`${PARTS} > is not well where a service that it wants has died`],
  },
  {
    name: 'parts: what a target does not restart',
    protects: 'a database that a target wants keeps its process',
    file: JUDGE,
    find: '    *r*) judge_identity ;;\n    *) judge_sameness ;;',
    without: '    *) judge_identity ;;',
    noticedBy: [`${PARTS} > leaves the process of what it wants`],
  },
  {
    name: 'parts: a job that had failed before',
    protects: 'a fix can be deployed for a job whose last run failed',
    file: JUDGE,
    find: 'failed:*) was_failed || judge_activity ;;',
    without: 'failed:*) judge_activity ;;',
    noticedBy: [`${PARTS} > whose job had failed before the switch may be deployed`],
  },
  {
    name: 'parts: only this run of a job',
    protects: 'a job that fails on the new release is not taken for one that had failed before',
    file: JUDGE,
    find: '    [ "$K_invocation" = "$U_invocation" ]\n}',
    without: '    true\n}',
    noticedBy: [`${PARTS} > whose job fails on the new release is not well`],
  },
  {
    name: 'action: a socket and its service',
    protects: 'a socket does not start while its service runs',
    file: 'src/host/program/54-action-order.sh',
    find: '[ "$paired_units" -gt 1 ] && [ "$paired_sockets" -gt 0 ]',
    without: 'false',
    noticedBy: [`${PARTS} > with its service is stopped and started as a pair by restart`],
  },
  {
    name: 'way back: a process that was never touched',
    protects: 'a host whose right to restart was lost, and that serves, is not down for good',
    file: 'src/host/program/58-way-back.sh',
    find: 'if each_unit is_untouched; then',
    without: 'if false; then',
    noticedBy: [`${BACK} > is done where no action was possible`],
  },
  {
    name: 'way back: untouched means the very process',
    protects: 'I2: the process of the new release is not taken for that of the old one',
    file: 'src/host/program/58-way-back.sh',
    find: 'process_start "$U_pid" && [ "$START" = "$K_start" ] && same_process\n}',
    without: 'true\n}',
    noticedBy: [`${BACK} > is not done where the process of the new release cannot be stopped`],
  },
  {
    name: 'way back: who took over settles it',
    protects: 'two ways back of one transaction do not judge the restart of the other',
    file: 'src/host/program/70-decide.sh',
    find: '  await_reverter\n',
    without: '',
    noticedBy: [`${BACK} > is left to whoever took it over`],
  },
  {
    name: 'preflight: something has a process',
    protects: 'no success over an app of which no one can tell whether it runs',
    file: 'src/engine/unit-problems.ts',
    find: '  if (judged) return [];',
    without: '  return [];',
    noticedBy: [`${PROBLEMS} > a target with nothing behind it`],
  },
  {
    name: 'preflight: reload',
    protects: 'a unit without ExecReload= would fail on the way there and back',
    file: 'src/engine/unit-problems.ts',
    find: 'if (canReload !== false) return [];',
    without: 'return [];',
    noticedBy: [`${PROBLEMS} > a unit that cannot be reloaded`],
  },
  {
    name: 'preflight: lingering',
    protects: 'units of a user that does not linger stop seconds after the run',
    file: 'src/engine/unit-problems.ts',
    find: "if (userManager === undefined || userManager === 'lingers') return [];",
    without: 'return [];',
    noticedBy: [`${PROBLEMS} > units of a user that does not linger`],
  },
];

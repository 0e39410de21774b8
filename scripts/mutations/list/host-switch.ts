import type { Mutation } from '../mutation.js';

const STATE = 'src/host/program/frame/20-state.sh';
const FILES = 'src/host/program/frame/25-files.sh';
const CLAIM = 'src/host/program/release/40-stage.sh';
const SWITCH = 'src/host/program/steps/50-switch.sh';
const DEAD_MAN = 'src/host/program/steps/52-dead-man.sh';
const DECIDE = 'src/host/program/steps/70-decide.sh';
const GUARD = 'src/host/program/steps/75-guard.sh';

/** The dead-man timer. */
const DEAD_MAN_MUTATIONS: readonly Mutation[] = [
  {
    name: 'armed check before the link',
    protects: 'I6: no host is linked unless its switch was seen waiting',
    file: SWITCH,
    find: 'is_armed "$MORE_ACTIVE" || fail',
    without: 'true || fail',
    noticedBy: ['test/host/dead-man.test.ts > that has gone keeps the link from moving'],
  },
  {
    name: 'deadline before the link',
    protects: 'I7: a switch that is due leaves no time for anything',
    file: SWITCH,
    find: '[ "$S_switch" = off ] || [ "$UP" -lt "$S_deadline" ] ||',
    without: 'true ||',
    noticedBy: ['test/host/dead-man.test.ts > whose time is over keeps the link from moving'],
  },
  {
    name: 'arm fails with its switch',
    protects: 'I6: what could not be started is not armed',
    file: SWITCH,
    find: 'arm_timer "fleet-$A_txn" "$@" || fail_unarmed',
    without: 'arm_timer "fleet-$A_txn" "$@"',
    noticedBy: ['test/host/dead-man.test.ts > that cannot be started leaves the host as it was'],
  },
  {
    name: 'a timer of the same name waits',
    protects: 'I6: a start that was refused is no switch',
    file: DEAD_MAN,
    find: 'start_timer || is_timer_active "$A_switch" "$timer_unit.timer" || return 1',
    without: 'start_timer || true',
    noticedBy: ['test/host/dead-man.test.ts > that cannot be started leaves the host as it was'],
  },
  {
    name: 'armed process is the one started',
    protects: 'I6: a process id that was given out again is no switch',
    file: DEAD_MAN,
    find: `process_start "\${armed_pid%%:*}" && [ "$START" = "\${armed_pid#*:}" ]`,
    without: `process_start "\${armed_pid%%:*}"`,
    noticedBy: ['test/host/overtaken.test.ts > its process is known by more than a number'],
  },
  {
    name: 'only the started process is ended',
    protects: 'a confirmation kills no bystander',
    file: DEAD_MAN,
    find: `process_start "\${1%%:*}" && [ "$START" = "\${1#*:}" ] || return 0`,
    without: `process_start "\${1%%:*}" || return 0`,
    noticedBy: ['test/host/overtaken.test.ts > its process is known by more than a number'],
  },
  {
    name: 'break_lock: by the switch alone',
    protects: 'I3: no step kills another',
    file: STATE,
    find: '[ "$A_guard" = 1 ] && read -r holder_pid',
    without: 'read -r holder_pid',
    noticedBy: ['test/host/overtaken.test.ts > is the only one that does so'],
  },
  {
    name: 'break_lock: only the named holder',
    protects: 'a switch kills no bystander',
    file: STATE,
    find: 'process_start "$holder_pid" && [ "$START" = "$holder_start" ] || return 1',
    without: 'process_start "$holder_pid" || return 1',
    noticedBy: ['test/host/overtaken.test.ts > ends no process that has come to the number'],
  },
  {
    name: 'break_lock itself',
    protects: 'I7: a step that hangs in systemctl does not keep the host',
    file: STATE,
    find: '|| break_lock || fail locked',
    without: '|| fail locked',
    noticedBy: ['test/host/overtaken.test.ts > ends the step that is named as its holder'],
  },
  {
    name: 'boot guard: only after a reboot',
    protects: 'I7: a living switch is left to decide',
    file: GUARD,
    find: '  if ! is_rebooted; then\n    repeated\n    return\n  fi\n',
    without: '',
    noticedBy: ['test/host/dead-man.test.ts > the guard leaves a host alone whose transaction'],
  },
  {
    name: 'boot guard: a unit of someone else',
    protects: 'never: deletion of anything that fleet did not make',
    file: GUARD,
    find: '*) fail step_failed "$GUARD_PATH exists, and fleet did not write it',
    without: '*) true "$GUARD_PATH exists, and fleet did not write it',
    noticedBy: ['test/host/guard.test.ts > of someone else is neither replaced nor removed'],
  },
];

/** What `current` has to be before it is moved. */
const CURRENT_MUTATIONS: readonly Mutation[] = [
  {
    name: 'foreign current: claim',
    protects: 'mina#79: a real folder `current` is left alone',
    file: CLAIM,
    find: '  read_current\n  refuse_foreign_current\n',
    without: '  read_current\n',
    noticedBy: ['test/host/deploy.test.ts > under dash current as a real folder is refused'],
  },
  {
    name: 'foreign current: arm',
    protects: 'mina#79: nothing is made over a link of someone else',
    file: SWITCH,
    find: '  refuse_foreign_current\n  [ "$CUR" = "$A_from" ]',
    without: '  [ "$CUR" = "$A_from" ]',
    noticedBy: ['test/host/moved-current.test.ts > is not armed over it'],
  },
  {
    name: 'foreign current: activate',
    protects: 'mina#79: nothing is made over a link of someone else',
    file: SWITCH,
    find: '  refuse_foreign_current\n  # A step',
    without: '  # A step',
    noticedBy: ['test/host/moved-current.test.ts > is not switched over it'],
  },
  {
    name: 'foreign current: revert',
    protects: 'mina#79: a link of someone else is not taken away',
    file: DECIDE,
    find: 'revert_transaction() {\n  refuse_foreign_current\n',
    without: 'revert_transaction() {\n',
    noticedBy: [
      'test/host/moved-current.test.ts > where someone makes a current of their own is not rolled back over it',
    ],
  },
  {
    name: 'foreign current: boot guard',
    protects: 'mina#79: a link of someone else is not taken away',
    file: GUARD,
    find: '  refuse_foreign_current\n',
    without: '',
    noticedBy: ['test/host/moved-current.test.ts > is not rolled back over it at boot'],
  },
  {
    name: 'moved: claim',
    protects: 'a plan is for the hosts as they were read',
    file: CLAIM,
    find: '[ "$CUR" = "$A_expect" ] ||',
    without: 'true ||',
    noticedBy: [
      'test/host/refusals.test.ts > a claim is refused where current is not what the plan',
    ],
  },
  {
    name: 'moved: arm',
    protects: 'I7: `from` is what the host is on',
    file: SWITCH,
    find: '[ "$CUR" = "$A_from" ] || fail moved',
    without: 'true || fail moved',
    noticedBy: ['test/host/moved-current.test.ts > in the middle of its switch is not armed'],
  },
  {
    name: 'moved: activate',
    protects: 'a release that came from elsewhere is not written over',
    file: SWITCH,
    find: '[ "$CUR" = "$S_from" ] || [ "$CUR" = "$S_to" ] ||\n    fail moved',
    without: 'true ||\n    fail moved',
    noticedBy: ['test/host/moved-current.test.ts > in the middle of its switch is not switched'],
  },
  {
    name: 'moved: revert',
    protects: 'a release that came from elsewhere is not written over',
    file: SWITCH,
    find: '[ "$CUR" = "$S_from" ] || [ "$CUR" = "$S_to" ] || [ "$CUR_KIND" = absent ] ||',
    without: 'true ||',
    noticedBy: [
      'test/host/moved-current.test.ts > in the middle of its switch is not rolled back over it',
    ],
  },
  {
    name: 'link read back',
    protects: 'shipit-deploy: publish failed, shell said 0',
    file: SWITCH,
    find: '[ "$CUR" = "$1" ] || fail link_failed',
    without: 'true || fail link_failed',
    noticedBy: ['test/host/moved-current.test.ts > is read back, and the service is left alone'],
  },
  {
    name: 'recorded from, and no other',
    protects: 'capistrano#514: a way back that goes one too far',
    file: SWITCH,
    find: 'link_current "$S_from" back; fi\n',
    without: 'link_current "$(ls -t "$R/releases" | grep -vx "$S_to" | head -n 1)" forth; fi\n',
    noticedBy: ['test/host/moved-current.test.ts > is to what the host came from'],
  },
  {
    name: 'to is whole: arm',
    protects: 'capistrano#1155: link to a release that is not on that host',
    file: SWITCH,
    find: 'is_ready "$A_to" || fail',
    without: 'true || fail',
    noticedBy: ['test/host/moved-current.test.ts > not whole any more is not armed for'],
  },
  {
    name: 'to is whole: activate',
    protects: 'I1: current resolves to a complete release',
    file: SWITCH,
    find: 'is_ready "$S_to" || fail',
    without: 'true || fail',
    noticedBy: ['test/host/moved-current.test.ts > not whole any more is not switched to'],
  },
  {
    name: 'from is whole: revert',
    protects: 'I1: current resolves to a complete release',
    file: SWITCH,
    find: 'is_complete "$S_from" || is_kept "$S_from" ||',
    without: 'true ||',
    noticedBy: ['test/host/moved-current.test.ts > is not gone back to: the host is down'],
  },
  {
    name: 'whole: has its marker',
    protects: 'capistrano#1800: a release that never finished',
    file: FILES,
    find: '[ ! -L "$D/$1" ] && read_marker "$1"',
    without: '[ ! -L "$D/$1" ]',
    noticedBy: ['test/host/moved-current.test.ts > not whole any more is not armed for'],
  },
  {
    name: 'whole: is a folder of its own',
    protects: 'I1: current resolves to a release, not to a link in its place',
    file: FILES,
    find: '[ -d "$D/$1" ] && [ ! -L "$D/$1" ] && read_marker',
    without: '[ -d "$D/$1" ] && read_marker',
    noticedBy: ['test/host/moved-current.test.ts > is not switched to where a link stands'],
  },
  {
    name: 'unit must be there',
    protects: 'a release is not linked for a unit that cannot be started',
    file: SWITCH,
    find: 'each_unit refuse_unknown_unit || fail unit_unknown',
    without: 'true || fail unit_unknown',
    noticedBy: ['test/host/verify.test.ts > a unit that is not there keeps the link from moving'],
  },
];

export const HOST_SWITCH_MUTATIONS: readonly Mutation[] = [
  ...DEAD_MAN_MUTATIONS,
  ...CURRENT_MUTATIONS,
];

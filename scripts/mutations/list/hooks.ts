import type { Mutation } from '../mutation.js';

const HOOKS = 'src/host/program/steps/77-hooks.sh';
const APART = 'src/host/program/steps/76-apart.sh';
const BACKUP = 'test/host/backup.test.ts';
const RUN_HOOKS = 'src/rollout/hooks/run-hooks.ts';
const ON_HOST = 'test/host/hooks.test.ts';
const MACHINE = 'test/rollout/hooks.test.ts';

/** Hooks run once, and those that must come first do. */
export const HOOK_MUTATIONS: readonly Mutation[] = [
  {
    name: 'hook: recorded end',
    protects: 'the same run of a hook never runs twice',
    file: HOOKS,
    find: '  if [ -e "$hook_record" ]; then\n    answer_hook_again\n    return\n  fi\n',
    without: '',
    noticedBy: [`${ON_HOST} > asked again, the host answers with the recorded end`],
  },
  {
    name: 'hook: no end is no success',
    protects: 'an interrupted hook does not count as done',
    file: HOOKS,
    find: '[ -n "$hook_exit" ] ||\n    fail hook_interrupted',
    without: '[ -n "$hook_exit" ] || hook_exit=0\n  true || fail hook_interrupted',
    noticedBy: [`${ON_HOST} > a hook that was interrupted is never run again in silence`],
  },
  {
    name: 'hook: no record of one that has not begun',
    protects: 'a full disk does not make a hook count as interrupted',
    file: HOOKS,
    find: '>"$hook_record.new" && flush "$hook_record.new" &&\n    mv -f -- "$hook_record.new" "$hook_record"',
    without: '>"$hook_record" && flush "$hook_record"',
    noticedBy: [
      `${ON_HOST} > a hook that the full disk kept from beginning runs when it is asked for again`,
    ],
  },
  {
    name: 'command: one at a time',
    protects: 'a lost call and its repetition do not run a hook or a backup at once',
    file: APART,
    find: '  take_flock "$(($1 / 1000 + 10))" ||\n    fail step_failed \'a hook',
    without: "  true ||\n    fail step_failed 'a hook",
    noticedBy: [
      `${ON_HOST} > a repeated call waits for its twin`,
      `${BACKUP} > of a lost call is waited for by its twin`,
    ],
  },
  {
    name: 'command: what a killed step has left',
    protects: 'nothing of an interrupted hook runs beside the next one',
    file: APART,
    find: '[ "$START" != "$turn_start" ] || end_apart "$turn_pid"',
    without: '[ "$START" != "$turn_start" ] || true',
    noticedBy: [`${ON_HOST} > what a killed step has left of its hook`],
  },
  {
    name: 'command: the whole group',
    protects: 'a command that takes too long leaves no process',
    file: APART,
    find: '  kill -KILL "-$1" 2>/dev/null || kill -KILL "$1" 2>/dev/null || true',
    without: '  kill -KILL "$1" 2>/dev/null || true',
    noticedBy: [`${BACKUP} > ends a command that takes too long`],
  },
  {
    name: 'command: what it leaves behind',
    protects: 'a daemon that keeps the output open does not keep the step',
    file: APART,
    find: 'while process_start "$apart_reader" && [ "$apart_looks" -lt 20 ]; do',
    without: 'while process_start "$apart_reader"; do',
    noticedBy: [`${ON_HOST} > what a hook leaves running does not hold the step`],
  },
  {
    name: 'hook: fenced',
    protects: 'I3: no hook of an older epoch begins',
    file: HOOKS,
    find: '    after_run | on_failure)\n      fence\n      [ "$S_epoch" = "$A_epoch" ] || wrong_phase',
    without: '    after_run | on_failure)\n      true || wrong_phase',
    noticedBy: [`${ON_HOST} > a hook at the end runs after the lock was given up`],
  },
  {
    name: 'hook: verified',
    protects: 'a hook after the activation sees the new release',
    file: HOOKS,
    find: '[ "$S_phase" = verified ] || wrong_phase',
    without: 'true || wrong_phase',
    noticedBy: [`${ON_HOST} > a hook after the activation runs only while the host is verified`],
  },
  {
    name: 'hook of the run: veto',
    protects: 'no host is activated after a hook has refused',
    file: RUN_HOOKS,
    find: '  else turn.stop(stopFor(turn.state, input, result.failure.message));',
    without: '  else finish(turn, name);',
    noticedBy: [`${MACHINE} > that failed stops the run before anything moved`],
  },
  {
    name: 'hook of the run: once',
    protects: 'what an earlier controller has run does not run again',
    file: 'src/rollout/state/state.ts',
    find: "plan.hooksBegun.filter((hook) => hook.state === 'done')",
    without: "plan.hooksBegun.filter((hook) => hook.state === 'again')",
    noticedBy: [`${MACHINE} > that an earlier controller has run does not run again`],
  },
  {
    name: 'preparation: not after a stop',
    protects: 'I8: a host that was prepared is not activated after a trip',
    file: 'src/rollout/apply-input.ts',
    find: 'if (turn.state.stop === null) startSwitch(turn, host);\n  else ',
    without: 'if (turn.state !== null) startSwitch(turn, host);\n  else ',
    noticedBy: [`${MACHINE} > are not followed by an activation once the run has stopped`],
  },
];

import type { Guard } from '../guard.js';

const ARGUMENTS = 'src/host/program/15-arguments.sh';
const FRAME = 'src/host/program/10-frame.sh';
const MAIN = 'src/host/program/90-main.sh';
const VERIFY = 'src/host/program/60-verify.sh';

const REFUSALS = 'test/host/refusals.test.ts';
const HEALTH = 'test/host/verify.test.ts';

/** The shape of what is asked, before anything is done. */
const ARGUMENT_GUARDS: readonly Guard[] = [
  {
    name: 'shape of names',
    protects: 'kamal#1860: a name is a name of a file, and nothing else',
    file: ARGUMENTS,
    find: "    '' | [!A-Za-z0-9]* | *[!A-Za-z0-9._-]* | *..*) return 1 ;;",
    without: "    '') return 1 ;;",
    noticedBy: [`${REFUSALS} > the release id`],
  },
  {
    name: 'length of names',
    protects: 'a name becomes the name of a file',
    file: ARGUMENTS,
    find: ' -le 128 ]',
    without: ' -ge 0 ]',
    noticedBy: [`${REFUSALS} > that are too long for a file are refused`],
  },
  {
    name: 'shape of numbers',
    protects: 'a number is never evaluated',
    file: ARGUMENTS,
    find: "    '' | *[!0-9]* | 0?*) return 1 ;;",
    without: "    '') return 1 ;;",
    noticedBy: [`${REFUSALS} > deadline_ms="1e3" is refused`],
  },
  {
    name: 'shape of units',
    protects: 'a unit is no option of systemctl',
    file: ARGUMENTS,
    find: `    '' | -* | *[!A-Za-z0-9:_.@\\\\-]*) return 1 ;;`,
    without: `    '') return 1 ;;`,
    noticedBy: [`${REFUSALS} > unit="-H" is refused`],
  },
  {
    name: 'shared paths stay below shared/',
    protects: 'a link leads to shared/, and nowhere else',
    file: ARGUMENTS,
    find: '    // | *//* | */./* | */../* | *[[:cntrl:]]*) return 1 ;;',
    without: "    '') return 1 ;;",
    noticedBy: [`${REFUSALS} > shared="../x" is refused`],
  },
  {
    name: 'probes of one line',
    protects: 'a probe that is written down stays one argument',
    file: ARGUMENTS,
    find: '*[[:cntrl:]]*) fail usage "$1 holds a control character" ;;\n      esac\n      ;;',
    without: "'') ;;\n      esac\n      ;;",
    noticedBy: [`${REFUSALS} > command="true`],
  },
  {
    name: 'texts of one line',
    protects: 'what is written down as a line stays one',
    file: ARGUMENTS,
    find: '*[[:cntrl:]]*) fail usage "$1 holds a control character" ;;\n  esac\n  case',
    without: "'') ;;\n  esac\n  case",
    noticedBy: [`${REFUSALS} > owner="`],
  },
  {
    name: 'choices',
    protects: 'what is not known is refused, not guessed',
    file: ARGUMENTS,
    find: '    scope=system | scope=user) A_scope=$2 ;;',
    without: '    scope=*) A_scope=$2 ;;',
    noticedBy: [`${REFUSALS} > scope="global" is refused`],
  },
  {
    name: 'unknown keys',
    protects: 'what is not known is refused, not passed over',
    file: ARGUMENTS,
    find: '    *) fail usage "unknown key: $1" ;;\n',
    without: '',
    noticedBy: [`${REFUSALS} > what="ever" is refused`],
  },
  {
    name: 'root is not /',
    protects: 'never: anything of the whole machine',
    file: 'src/host/program/20-state.sh',
    find: '[ "$R" != / ] || fail',
    without: 'true || fail',
    noticedBy: [`${REFUSALS} > root="/" is refused`],
  },
  {
    name: 'calls that do not come whole',
    protects: 'half an order is none',
    file: MAIN,
    find: 'IFS= read -r serve_line || exit 0',
    without: 'IFS= read -r serve_line || break',
    noticedBy: ['test/host/serve.test.ts > the serve mode under dash begins no call that'],
  },
  {
    name: 'what is no call',
    protects: 'what is not understood ends the conversation',
    file: MAIN,
    find: 'is_number "$serve_id" && is_number "$serve_count" || exit 64',
    without: 'is_number "$serve_count" || continue',
    noticedBy: [
      'test/host/serve.test.ts > the serve mode under dash ends at anything that is no call',
    ],
  },
  {
    name: 'what is left of a payload',
    protects: 'bytes of a release are never read as a call',
    file: MAIN,
    find: 'serve_call "$@" || [ "$serve_word" = call ] || exit 0',
    without: 'serve_call "$@"',
    noticedBy: [
      'test/host/serve.test.ts > the serve mode under dash ends with a call that fails before',
    ],
  },
  {
    name: 'a channel after a payload that failed',
    protects: 'bytes of a release are never read as a call',
    file: 'src/host/session.ts',
    find: 'if (!sound) close();',
    without: 'if (!running.answered) close();',
    noticedBy: [
      'test/host/call-channel.test.ts > the channel of all calls is opened anew after a payload',
    ],
  },
  {
    name: 'HUP ignored',
    protects: 'nixpkgs#39118: activation died with the SSH session',
    file: FRAME,
    find: "trap '' HUP PIPE",
    without: "trap '' PIPE",
    noticedBy: [
      'test/host/session.test.ts > under dash a session that is gone neither stops a step',
    ],
  },
  {
    name: 'PIPE ignored',
    protects: 'nixpkgs#39118: activation died with the SSH session',
    file: FRAME,
    find: "trap '' HUP PIPE",
    without: "trap '' HUP",
    noticedBy: [
      'test/host/session.test.ts > under dash a session that is gone neither stops a step',
    ],
  },
  {
    name: 'umask',
    protects: 'capistrano#687: modes that hang on who deploys',
    file: FRAME,
    find: 'umask 022\n',
    without: '',
    noticedBy: ['test/host/session.test.ts > what a step makes has the same modes'],
  },
  {
    name: 'values in the state are of one line',
    protects: 'json never breaks a line of the reply',
    file: FRAME,
    find: '    *[[:cntrl:]]*) JSON=$(',
    without: '    impossible) JSON=$(',
    noticedBy: ['test/host/session.test.ts > a reply stays one line, whatever is told in it'],
  },
];

/** When a unit counts as well. */
const HEALTH_GUARDS: readonly Guard[] = [
  {
    name: 'verify: active and running',
    protects: 'systemd-run(8): a unit that starts is not one that runs',
    file: VERIFY,
    find: '    *) miss "is $U_active ($U_sub)" ;;\n',
    without: '',
    noticedBy: [`${HEALTH} > takes no unit for well that is still starting`],
  },
  {
    name: 'verify: restarts',
    protects: 'one is-active lies during a crash loop',
    file: VERIFY,
    find: '[ "$K_restarts" = "$U_restarts" ] ||',
    without: 'true ||',
    noticedBy: ['test/host/session.test.ts > a process that was restarted since'],
  },
  {
    name: 'verify: same process',
    protects: 'morph#47: another instance answers',
    file: VERIFY,
    find: 'same_process || { miss "has another process"',
    without: 'true || { miss "has another process"',
    noticedBy: [`${HEALTH} > and restarted by somebody else`],
  },
  {
    name: 'verify: same invocation',
    protects: 'morph#47: another instance with the same process id',
    file: VERIFY,
    find: `[ "$K_invocation" = "$U_invocation" ] || [ "$K_invocation" = - ]`,
    without: 'true || [ "$K_invocation" = - ]',
    noticedBy: [`${HEALTH} > is known by when its process started`],
  },
  {
    name: 'probe: the very process',
    protects: 'morph#47: another instance with the same process id',
    file: VERIFY,
    find: 'process_start "$K_pid" && [ "$START" = "$K_start" ] || return 1',
    without: 'process_start "$K_pid" || return 1',
    noticedBy: [`${HEALTH} > is known by when its process started`],
  },
  {
    name: 'probe: the very release',
    protects: 'puma#776: "deployed", and the old code runs on',
    file: VERIFY,
    find: 'judge_serving || return 1\n  done',
    without: 'done',
    noticedBy: [`${HEALTH} > and runs another release now is not well`],
  },
  {
    name: 'verify: another process than before',
    protects: 'puma#776: "deployed", and the old process runs on',
    file: VERIFY,
    find: 'if [ "$K_pid" != 0 ] && same_process; then',
    without: 'if false; then',
    noticedBy: [`${HEALTH} > sees a restart that has left the process as it was`],
  },
  {
    name: 'verify: serves the release',
    protects: 'I2: the process runs the release that current names (capistrano#985)',
    file: VERIFY,
    find: 'if [ -n "$SERVING" ] && [ "$SERVING" != "$LOOK_SERVING" ]; then',
    without: 'if false; then',
    noticedBy: [
      'test/host/session.test.ts > a restart that leaves the old release running is seen',
    ],
  },
  {
    name: 'verify: a miss restarts the clock',
    protects: 'min_healthy_time is without a break',
    file: VERIFY,
    find: "      watch_since='' LOOK_AGAINST='' watch_wait=$POLL",
    without: '      watch_wait=$POLL',
    noticedBy: [`${HEALTH} > begins to count anew after a miss`],
  },
  {
    name: 'verify: min_healthy_time',
    protects: 'aws-workload-credentials-provider#271: dies 300 ms later',
    file: VERIFY,
    find: '-lt "$A_min_healthy_ms" ] || return 0',
    without: '-lt 0 ] || return 0',
    noticedBy: ['test/host/deploy.test.ts > under dash a release that dies after its start'],
  },
  {
    name: 'verify: healthy_deadline',
    protects: 'I7: a verify comes to its end',
    file: VERIFY,
    find: 'if [ "$NOW" -ge "$watch_end" ]; then give_up_watch && return 1; fi',
    without: 'if [ "$NOW" -ge "$watch_end" ]; then return 0; fi',
    noticedBy: [`${HEALTH} > ends at its deadline`],
  },
  {
    name: 'verify: every probe',
    protects: 'all probes must pass',
    file: 'src/host/program/65-probes.sh',
    find: '    esac || return 1\n  done',
    without: '    esac\n  done\n  return 0',
    noticedBy: ['test/host/session.test.ts > tcp sees whether something listens'],
  },
  {
    name: 'revert: the unit comes up',
    protects: 'mina: link put back, service not',
    file: 'src/host/program/70-decide.sh',
    find: 'act_on_service || end_down "$SERVICE_MESSAGE"\n    watch_reverted',
    without: 'act_on_service || true\n    watch_reverted',
    noticedBy: [`${HEALTH} > of a way back does not make up for a reload that failed`],
  },
  {
    name: 'revert: verified too',
    protects: 'I2: reverted means that the old release runs',
    file: 'src/host/program/70-decide.sh',
    find: 'watch_reverted "$@" || end_down "$MISS"',
    without: 'watch_reverted "$@" || true',
    noticedBy: [`${HEALTH} > of a way back ends in a host that is down`],
  },
];

/** What gets a call to hosts that are at odds with it. */
const LOGIN_GUARDS: readonly Guard[] = [
  {
    name: 'quote: fish and csh',
    protects: 'a login shell that is no sh is given exactly the text',
    file: 'src/host/quote.ts',
    find: String.raw`/['\\!]/g`,
    without: "/'/g",
    noticedBy: ['test/host/quote.test.ts > a backslash and a `!` stand outside of quotes'],
  },
  {
    name: 'channel: once more',
    protects: 'a server that allows one session (MaxSessions 1)',
    file: 'src/transport/ssh2-channel.ts',
    find: '      if (isRefusal(error) && channels === 0 && !again) return ask(command, opened, true);\n',
    without: '',
    noticedBy: ['test/transport/sshd.test.ts > that allows one session gives it'],
  },
  {
    name: 'login: the words of PAM',
    protects: 'a host that lets nobody in yet says so',
    file: 'src/transport/handshake.ts',
    find: 'greeting: greeting.text() || banner,',
    without: 'greeting: greeting.text(),',
    noticedBy: ['test/transport/ssh2-connect.test.ts > hangs up because nobody may log in yet'],
  },
  {
    name: 'preflight: the exit code of a refusal',
    protects: 'what was refused does not end as a run that was begun',
    file: 'src/engine/admit.ts',
    find: ' || exitCodeOf(first) !== EXIT.refused',
    without: '',
    noticedBy: ['test/engine/admit.test.ts > never ends with the exit code of a run'],
  },
];

export const HOST_CALL_GUARDS: readonly Guard[] = [
  ...ARGUMENT_GUARDS,
  ...HEALTH_GUARDS,
  ...LOGIN_GUARDS,
];

import type { Mutation } from '../mutation.js';

const ARGUMENTS = 'src/host/program/frame/15-arguments.sh';
const FRAME = 'src/host/program/frame/10-frame.sh';
const MAIN = 'src/host/program/steps/90-main.sh';
const REFUSALS = 'test/host/refusals.test.ts';

/** The shape of what is asked, before anything is done. */
export const HOST_CALL_MUTATIONS: readonly Mutation[] = [
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
    find: '*[[:cntrl:]]*) fail usage "$1 holds a control character" ;;\n      esac\n      [',
    without: "'') ;;\n      esac\n      [",
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
    file: 'src/host/program/frame/20-state.sh',
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
    file: 'src/host/channel/session.ts',
    find: 'if (!sound) close();',
    without: 'if (!running.answered) close();',
    noticedBy: [
      'test/host/channel/call-channel.test.ts > the channel of all calls is opened anew after a payload',
    ],
  },
  {
    name: 'HUP ignored',
    protects: 'nixpkgs#39118: activation died with the SSH session',
    file: FRAME,
    find: "trap '' HUP PIPE",
    without: "trap '' PIPE",
    noticedBy: [
      'test/host/channel/session.test.ts > under dash a session that is gone neither stops a step',
    ],
  },
  {
    name: 'PIPE ignored',
    protects: 'nixpkgs#39118: activation died with the SSH session',
    file: FRAME,
    find: "trap '' HUP PIPE",
    without: "trap '' HUP",
    noticedBy: [
      'test/host/channel/session.test.ts > under dash a session that is gone neither stops a step',
    ],
  },
  {
    name: 'values in the state are of one line',
    protects: 'json never breaks a line of the reply',
    file: FRAME,
    find: '    *[[:cntrl:]]*) JSON=$(',
    without: '    impossible) JSON=$(',
    noticedBy: [
      'test/host/channel/session.test.ts > a reply stays one line, whatever is told in it',
    ],
  },
];

import type { ErrorCode } from '../errors/codes.js';
import type { HostFailure } from '../errors/host-failure.js';
import { printable, printableLine, shortLine } from '../errors/printable.js';
import type { CallEnd } from './channel/call-end.js';
import { INSTALL_EXIT } from './command.js';
import type { StepOutcome } from './outcome.js';
import type { Step, StepReply } from './protocol/protocol.js';
import type { Transcript } from './reply/transcript.js';

const SHOWN_LINES = 20;
const LONGEST_LINE = 1_000;

/** Turns the end of a call and its output into its outcome. */
export function judgeExec(
  steps: readonly Step[],
  outcome: CallEnd,
  transcript: Transcript,
): StepOutcome {
  const { replies } = transcript;
  const events = believed(transcript);
  const details = { ...shownText(outcome, transcript), step: pendingStep(steps, replies) };
  const lost = (
    code: ErrorCode,
    message: string,
    more: Partial<HostFailure> = {},
  ): Extract<StepOutcome, { kind: 'lost' }> => ({
    kind: 'lost',
    failure: { code, message, ...details, ...more },
    events,
    replies,
  });
  switch (outcome.kind) {
    case 'exited':
      return judgeExit(steps, outcome.code, transcript, details);
    case 'signalled':
      return lost('step_failed', `the step was killed by ${outcome.signal}`, {
        exit: outcome.signal,
      });
    case 'timed-out':
      return lost('step_timeout', 'the step gave no answer in time');
    case 'aborted':
      return lost('interrupted', 'the step was abandoned while it ran');
    case 'flooded':
      return { ...lost('bad_reply', floodMessage(outcome.message)), final: true };
    case 'lost':
      return hasRunSomethingElse(outcome.exit, transcript, details)
        ? lost('bad_reply', elseMessage(transcript, details), { exit: outcome.exit, hint: FORCED })
        : lost('connection_lost', printableLine(outcome.message), whyNoCommand(outcome.message));
    default:
      return outcome satisfies never;
  }
}

/** If an answer is malformed, none of it counts, not even what came before. */
const believed = ({ malformed, events }: Transcript): Transcript['events'] =>
  malformed === null ? events : [];

/** What ssh2 and OpenSSH print if the server starts no process for the command. */
const whyNoCommand = (message: string): Partial<HostFailure> =>
  /Unable to exec|exec request failed/.test(message)
    ? {
        hint: 'The SSH server started no command. The login user may have reached its process limit (ulimit -u, nproc in limits.conf), or the server allows no session (MaxSessions).',
      }
    : {};

const floodMessage = (what: string): string => `disconnected from the host: ${what}`;

/** Why the program could not be stored, or undefined if it was. */
export function judgeInstall(outcome: CallEnd, root: string): StepOutcome | undefined {
  if (outcome.kind !== 'exited') return undefined;
  const { code } = outcome;
  if (code === INSTALL_EXIT.notSafe) return notSafe(root);
  if (code !== INSTALL_EXIT.notWritable && code !== INSTALL_EXIT.notStored) return undefined;
  const stderr = lastLines(outcome.stderr);
  const full = outcome.stderr.includes('No space left');
  const failure: HostFailure = {
    code: full
      ? 'disk_full'
      : code === INSTALL_EXIT.notWritable
        ? 'root_not_writable'
        : 'step_failed',
    message: `cannot store the host program below ${root}${full ? ': no space left' : ''}`,
    exit: code,
    ...(stderr.length === 0 ? {} : { stderr }),
  };
  return { kind: 'failed', failure, events: [], replies: [] };
}

/** The program is stored only if no other user can replace it. */
function notSafe(root: string): StepOutcome {
  const failure: HostFailure = {
    code: 'root_unsafe',
    message: `${root}/.fleet or ${root}/.fleet/bin belongs to another user, or another user may write it`,
    hint: 'run fleet doctor: it names each path and the remedy',
    exit: INSTALL_EXIT.notSafe,
  };
  return { kind: 'failed', failure, events: [], replies: [] };
}

type Details = Pick<HostFailure, 'step' | 'stderr' | 'journal' | 'journalOf'>;

function judgeExit(
  steps: readonly Step[],
  exit: number,
  transcript: Transcript,
  details: Details,
): StepOutcome {
  const { replies, malformed } = transcript;
  const events = believed(transcript);
  const last = malformed === null ? replies.at(-1) : undefined;
  const failed = (
    code: ErrorCode,
    message: string,
    more: Partial<HostFailure> = {},
  ): StepOutcome => ({
    kind: 'failed',
    failure: { code, message, exit, ...details, ...more },
    events,
    replies,
    ...(last === undefined ? {} : { phase: last.phase }),
  });
  if (malformed !== null) return failed('bad_reply', `invalid answer from the host: ${malformed}`);
  if (last?.ok === false) return failed(last.code, last.message);
  if (exit !== 0 && transcript.isEmpty()) {
    return details.stderr === undefined
      ? failed('bad_reply', elseMessage(transcript, details), { hint: FORCED })
      : failed('step_failed', exitMessage(exit, details), { hint: UNFIT_SHELL });
  }
  if (exit !== 0) return failed('step_failed', exitMessage(exit, details));
  if (replies.length < steps.length) return failed('bad_reply', 'the step ended without its reply');
  return { kind: 'ok', events, replies };
}

/** The step at which the call ended: the refused one, or the first without a reply. */
function pendingStep(steps: readonly Step[], replies: readonly StepReply[]): string | undefined {
  const last = replies.at(-1);
  if (last?.ok === false) return last.verb;
  return steps[replies.length]?.verb ?? last?.verb;
}

/**
 * Whether the login ran something else than the command: the host program printed nothing, and the process
 * exited, or printed something else. A session ended by a signal or the network is not such a case.
 */
function hasRunSomethingElse(
  exit: number | undefined,
  transcript: Transcript,
  { stderr }: Details,
): boolean {
  if (exit === undefined || !transcript.isEmpty()) return false;
  return exit === 0 || transcript.noise !== null || stderr !== undefined;
}

function elseMessage({ noise }: Transcript, { stderr }: Details): string {
  const words = noise ?? stderr?.at(-1);
  const said =
    words === undefined ? ', and it said nothing' : `; it said: ${shortLine(words, 200)}`;
  return `the login ran something else than the host program${said}`;
}

const FORCED =
  'Log in there by hand to see it. Look at the login shell of that user, ForceCommand in sshd_config, `command=` in authorized_keys, and what the login shell reads. Is it the right user?';

const UNFIT_SHELL =
  'The login shell did not run the host program. sh, bash, dash, mksh, yash, zsh, fish and tcsh work: change it there, e.g. chsh -s /bin/sh, for the login user.';

function exitMessage(exit: number, details: Details): string {
  // Some shells print the whole command below their message.
  const reason =
    details.stderr?.findLast((line) => !line.includes('.fleet/bin/')) ?? details.stderr?.at(-1);
  return reason === undefined ? `the step exited with ${exit}` : reason;
}

function shownText(outcome: CallEnd, transcript: Transcript): Details {
  const stderr = outcome.kind === 'aborted' ? [] : lastLines(outcome.stderr);
  const journal = transcript.journal.filter((line) => line !== '');
  return {
    ...(stderr.length === 0 ? {} : { stderr }),
    ...(journal.length === 0 ? {} : { journal }),
    ...(journal.length > 0 && transcript.isStatus ? { journalOf: 'status' as const } : {}),
  };
}

function lastLines(text: string): readonly string[] {
  return printable(text)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-SHOWN_LINES)
    .map((line) => (line.length > LONGEST_LINE ? shortLine(line, LONGEST_LINE) : line));
}

import type { Connection } from '../transport/port.js';
import type { CallOutcome } from './outcome.js';

const WORD = 'fleet';
const ANSWER_MS = 5_000;

/**
 * Why a call that only reads got no answer in time: the login shell's startup file starts another shell, which
 * runs no command and waits. The host is asked only in that case; any other outcome is returned as it is.
 */
export async function explainSilence(
  outcome: CallOutcome,
  connection: Connection,
): Promise<CallOutcome> {
  if (outcome.kind !== 'lost' || outcome.failure.code !== 'step_timeout' || !connection.open) {
    return outcome;
  }
  if (outcome.events.length + outcome.replies.length > 0) return outcome;
  const answer = await connection.exec(`echo ${WORD}`, {
    timeoutMs: ANSWER_MS,
    stdin: new Uint8Array(),
    keepBytes: 4_096,
  });
  if (answer.kind !== 'exited' || answer.stdout.split(/\r?\n/).includes(WORD)) return outcome;
  return { ...outcome, final: true, failure: { ...outcome.failure, ...NO_COMMAND } };
}

const NO_COMMAND = {
  code: 'bad_reply',
  message: 'the login shell does not run commands: `echo fleet` printed nothing',
  hint: 'A startup file, e.g. ~/.bashrc, starts another shell instead. Let it do so only in an interactive shell, e.g. `case $- in *i*) exec zsh;; esac`, or change the login shell by chsh.',
} as const;

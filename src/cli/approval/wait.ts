import { judgeApproval } from '../../engine/approval/judge.js';
import { parsePlanFile } from '../../engine/plan-file/plan-file.js';
import { EXIT, type ExitCode } from '../../errors/codes.js';
import { FleetError } from '../../errors/fleet-error.js';
import { approvalText } from '../../model/runs/run-words.js';
import { localDateTime } from '../../ui/text/format.js';
import { mayConfirm } from '../context/consent.js';
import type { Context } from '../context/context.js';
import { watchInterrupts } from '../context/interrupts.js';
import type { CommonOptions } from '../context/options.js';
import { printJson, printLines } from '../context/output.js';
import type { Waiting } from './gate.js';
import { approvalOf, goOnCommand } from './refusals.js';

const LOOK_MS = 1000;

/**
 * At a terminal, waits until another person has approved, and calls `goOn`. Elsewhere no one would see that: it says
 * how to go on, and ends with 10. Throws `approval_denied` and `approval_expired`; Ctrl-C leaves the plan waiting.
 */
export async function waitForApproval(
  context: Context,
  options: CommonOptions,
  { waiting, goOn }: { readonly waiting: Waiting; readonly goOn: () => Promise<ExitCode> },
): Promise<ExitCode> {
  const { run } = waiting;
  const waits = mayConfirm(context, options) && options.json !== true;
  printLines(context.stderr, [
    `Run ${run} waits for approval until ${localDateTime(waiting.expiresAt)}.`,
    `Another person types: fleet approve ${run}`,
    ...(waits
      ? ['It goes on here as soon as that is done. Ctrl-C leaves it waiting.']
      : [`Then it goes on with: ${goOnCommand(run)}`]),
  ]);
  if (!waits) return leave(context, options, waiting);
  await untilAnswered(context, waiting);
  return goOn();
}

function leave(context: Context, options: CommonOptions, waiting: Waiting): ExitCode {
  if (options.json === true) printJson(context, waitingJson(waiting));
  return EXIT.awaiting;
}

const waitingJson = ({ run, expiresAt, digest }: Waiting) => ({
  schemaVersion: 1,
  run,
  state: 'waiting',
  plan: digest,
  expiresAt,
  next: goOnCommand(run),
});

async function untilAnswered(context: Context, { run, store, digest }: Waiting): Promise<void> {
  const { clock } = context;
  const { interrupt, dispose } = watchInterrupts(context, () => undefined);
  try {
    for (;;) {
      const state = await store.find(run);
      if (state === null)
        throw new FleetError('approval_unknown', `the request of run ${run} is gone`);
      parsePlanFile(state.plan, store.where);
      const verdict = judgeApproval(state, { digest, now: clock.now() });
      if (verdict.kind !== 'waiting') {
        const approval = approvalOf(verdict, run);
        const text = approvalText(approval);
        printLines(context.stderr, [`${text.charAt(0).toUpperCase()}${text.slice(1)}.`]);
        return;
      }
      await clock.sleep(LOOK_MS, interrupt).catch(() => undefined);
      if (interrupt.aborted) throw stillWaiting(run);
    }
  } finally {
    dispose();
  }
}

function stillWaiting(run: string): FleetError {
  return new FleetError('interrupted', `run ${run} still waits for approval; nothing was changed`, {
    hint: `once it is approved, go on with: ${goOnCommand(run)}`,
  });
}

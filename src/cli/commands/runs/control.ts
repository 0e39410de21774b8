import { existsSync } from 'node:fs';
import { leaveRequest } from '../../../engine/journal/control.js';
import { readJournal } from '../../../engine/journal/journal-reading.js';
import { runLiveness } from '../../../engine/journal/run-owner.js';
import { EXIT, type ExitCode } from '../../../errors/codes.js';
import { FleetError } from '../../../errors/fleet-error.js';
import { whereFlags } from '../../../model/releases/where.js';
import type { ControlRequest } from '../../../model/runs/control.js';
import { endText } from '../../../ui/text/labels.js';
import type { Action } from '../../context/command.js';
import type { Context } from '../../context/context.js';
import { watchInterrupts } from '../../context/interrupts.js';
import { noted } from '../../context/noted.js';
import { printJson } from '../../context/output.js';
import { type FoundRun, findRun } from '../../records/find-run.js';
import type { ControlOptions } from '../../session/flags.js';

/** How often the run's journal is looked at, and how long a living run may take to answer. */
const LOOK_MS = 200;
const HEARING_MS = 15_000;

/** `fleet pause RUN`: waits until no host of it is in flight. */
export const pause: Action<ControlOptions> = (context, options, [reference = '']) =>
  ask(context, options, { reference, action: 'pause' });

/** `fleet abort RUN`: like Ctrl-C in its own shell; waits for its end. */
export const abort: Action<ControlOptions> = (context, options, [reference = '']) =>
  ask(context, options, { reference, action: 'abort' });

type Asked = Pick<ControlRequest, 'action' | 'reason'>;

interface Wanted {
  readonly reference: string;
  readonly action: ControlRequest['action'];
}

async function ask(
  context: Context,
  options: ControlOptions,
  { reference, action }: Wanted,
): Promise<ExitCode> {
  const found = await findRun(context, reference);
  if (found.journal.ended || runLiveness(context.stateDir, found.run) !== 'alive') {
    throw notRunning(found);
  }
  const state = await tellLivingRun(context, found, { action, reason: options.reason });
  if (options.json === true)
    printJson(context, { schemaVersion: 1, run: found.run, action, state });
  else context.stdout.write(`Run ${found.run} ${state}.\n`);
  return EXIT.ok;
}

/**
 * Leaves a request for a run that is alive, and waits until the run acts on it. Returns the state of
 * the run, as text for people. Throws `run_not_here` if the run does not answer.
 */
export function tellLivingRun(context: Context, found: FoundRun, asked: Asked): Promise<string> {
  const { run, plan } = found;
  const fields = { app: plan.app.name, group: plan.group, run, of: plan.operator };
  const { action: kind, reason } = asked;
  const deed = { kind, fields, reason, outcome: (state: string) => ({ state }) };
  return noted(context, deed, () => askAndWait(context, found, asked));
}

async function askAndWait(
  context: Context,
  { run, folder, journal, plan }: FoundRun,
  { action, reason }: Asked,
): Promise<string> {
  const { clock } = context;
  const at = clock.now().toISOString();
  const file = leaveRequest(folder, { action, by: context.operator, at, reason });
  const { interrupt, dispose } = watchInterrupts(context, () => undefined);
  const known = journal.events.length;
  const end = clock.monotonicMs() + HEARING_MS;
  try {
    for (;;) {
      await clock.sleep(LOOK_MS, interrupt);
      interrupt.throwIfAborted();
      const { events, ended } = await readJournal(folder);
      const news = events.slice(known);
      const last = events.at(-1);
      if (ended && last?.type === 'run-ended')
        return `has ended: ${endText(last.state, last.exitCode)}`;
      if (action === 'pause' && news.some(({ type }) => type === 'paused')) return 'is paused';
      if (action === 'resume' && !existsSync(file)) return 'continues';
      if (existsSync(file) && clock.monotonicMs() > end) throw noAnswer(run, plan);
    }
  } finally {
    dispose();
  }
}

function notRunning({ run, journal, plan }: FoundRun): FleetError {
  const last = journal.events.at(-1);
  if (journal.ended && last?.type === 'run-ended') {
    return new FleetError(
      'run_over',
      `run ${run} has ended: ${endText(last.state, last.exitCode)}`,
    );
  }
  return new FleetError('run_not_here', `run ${run} does not run on this bastion any more`, {
    hint: `continue it: fleet resume ${run}; or settle its hosts: fleet recover ${whereFlags(plan.app, plan.group)}`,
  });
}

function noAnswer(run: string, { app, group }: FoundRun['plan']): FleetError {
  return new FleetError(
    'run_not_here',
    `run ${run} does not answer; its process may be suspended (Ctrl-Z) or gone`,
    {
      hint: `type fg in its shell; or wait for its lease to expire, and then: fleet recover ${whereFlags(app, group)}`,
    },
  );
}

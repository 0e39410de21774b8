import type { HostReading } from '../../engine/reading/host-reading.js';
import { mayBeAlive } from '../../engine/recover/left-hosts.js';
import { type Recovered, unfinishedHosts } from '../../engine/recover/recover.js';
import { countText } from '../../model/text/count-text.js';
import type { SurveyOptions } from '../connect/fleet-link.js';
import { printLines, tableLook } from '../context/output.js';
import { holderLines, holdersOf, holding } from '../records/holders.js';
import type { Session } from '../session/session.js';
import { agreeToRecover } from './agree-to-recover.js';
import { recoveredLines } from './recovered-lines.js';
import { recoverSurveyed } from './recovery.js';

/** How often hosts that another run holds are read again, in milliseconds. */
const LOOK_AGAIN_MS = 2000;

/** Reads every host of the target. */
export function readHosts(
  { fleet, interrupts }: Session,
  how: SurveyOptions = {},
): Promise<readonly HostReading[]> {
  return fleet.survey(interrupts.interrupt, how);
}

/**
 * As {@link readHosts}, for a run that is about to start: hosts that dead runs left are settled first.
 * It waits for living runs as long as `--lock-wait` allows. Preflight refuses what is still locked.
 */
export async function readFreeHosts(
  session: Session,
  how: SurveyOptions = {},
): Promise<readonly HostReading[]> {
  const { context, options, interrupts } = session;
  const { clock } = context;
  const end = clock.monotonicMs() + (options.lockWait ?? 0);
  let isTold = false;
  for (let surveys = await readHosts(session, how); ; surveys = await readHosts(session, how)) {
    const left = unfinishedHosts(surveys);
    if (left.length === 0) return surveys;
    if (!left.some((host) => mayBeAlive(context.stateDir, host))) {
      await recoverFirst(session, surveys);
      return readHosts(session, how);
    }
    if (!isTold) await tellHolders(session, surveys);
    isTold = true;
    if (clock.monotonicMs() >= end) return surveys;
    session.reporter.say(`Waiting for the run that holds ${countText(left.length, 'host')}.`);
    await clock.sleep(LOOK_AGAIN_MS, interrupts.interrupt);
    interrupts.interrupt.throwIfAborted();
  }
}

/** The refusal that follows names the run; this says what it is, of whom, and since when. */
async function tellHolders(session: Session, surveys: readonly HostReading[]): Promise<void> {
  const { context, reporter, target } = session;
  const holders = await holdersOf(context, target, holding(surveys));
  for (const line of holderLines(context, target, holders)) reporter.say(line);
}

async function recoverFirst(session: Session, surveys: readonly HostReading[]): Promise<void> {
  const { context, options, reporter, target } = session;
  reporter.pause();
  context.stderr.write('An earlier run left hosts unfinished; they are settled first.\n');
  await agreeToRecover(context, options, { ...target, left: unfinishedHosts(surveys) });
  const recovered = await recoverHosts(session, surveys, { closes: true });
  printLines(context.stderr, recoveredLines(recovered, tableLook(context, options)));
}

/** Settles what a dead run left, over the connections of the run that is about to start. */
export function recoverHosts(
  { context, options, target, fleet, interrupts }: Session,
  surveys: readonly HostReading[],
  { closes }: { readonly closes: boolean },
): Promise<readonly Recovered[]> {
  const { interrupt: signal } = interrupts;
  const call = fleet.caller();
  const { app } = target;
  const { reason } = options;
  return recoverSurveyed({ context, app, surveys, call, force: false, closes, signal, reason });
}

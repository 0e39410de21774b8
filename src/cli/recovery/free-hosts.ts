import type { HostSurvey } from '../../engine/reading/host-reading.js';
import { mayBeAlive } from '../../engine/recover/left-hosts.js';
import { type Recovered, undecidedOf } from '../../engine/recover/recover.js';
import { countText } from '../../model/text/count-text.js';
import { printLines, tableLook } from '../context/output.js';
import type { Session } from '../session/session.js';
import { agreeToRecover } from './agree-to-recover.js';
import { recoveredLines } from './recovered-lines.js';
import { recoverSurveyed } from './recovery.js';

/** How often hosts that another run holds are looked at again, in milliseconds. */
const LOOK_AGAIN_MS = 2000;

/** What every host of the target says now. */
export function readHosts({ fleet, interrupts }: Session): Promise<readonly HostSurvey[]> {
  return fleet.survey(interrupts.interrupt);
}

/**
 * As {@link readHosts}, for a run that is about to begin: what dead runs have left is decided first,
 * and living ones are waited for as long as `--lock-wait` says. What is still not free is left for
 * preflight to refuse.
 */
export async function readFreeHosts(session: Session): Promise<readonly HostSurvey[]> {
  const { context, options, interrupts } = session;
  const { clock } = context;
  const end = clock.monotonicMs() + (options.lockWait ?? 0);
  for (let surveys = await readHosts(session); ; surveys = await readHosts(session)) {
    const undecided = undecidedOf(surveys);
    if (undecided.length === 0) return surveys;
    if (!undecided.some((host) => mayBeAlive(context.stateDir, host))) {
      await recoverFirst(session, surveys);
      return readHosts(session);
    }
    if (clock.monotonicMs() >= end) return surveys;
    session.reporter.say(`Waiting for the run that holds ${countText(undecided.length, 'host')}.`);
    await clock.sleep(LOOK_AGAIN_MS, interrupts.interrupt);
    interrupts.interrupt.throwIfAborted();
  }
}

async function recoverFirst(session: Session, surveys: readonly HostSurvey[]): Promise<void> {
  const { context, options, reporter, target } = session;
  reporter.pause();
  context.stderr.write('An earlier run has left hosts undecided; they are decided first.\n');
  await agreeToRecover(context, options, { ...target, undecided: undecidedOf(surveys) });
  const recovered = await recoverHosts(session, surveys, { closes: true });
  printLines(context.stderr, recoveredLines(recovered, tableLook(context, options)));
}

/** Decides what a dead run has left, over the connections of the run that is about to begin. */
export function recoverHosts(
  { context, target, fleet, interrupts }: Session,
  surveys: readonly HostSurvey[],
  { closes }: { readonly closes: boolean },
): Promise<readonly Recovered[]> {
  const { interrupt: signal } = interrupts;
  const call = fleet.caller();
  return recoverSurveyed({ context, app: target.app, surveys, call, force: false, closes, signal });
}

import { FleetError } from '../errors/fleet-error.js';

/** Of the runs that a reference matches, how many are looked for and named. */
export const MATCHES_NAMED = 10;

/** Above every text that begins with `text`, in the order of code points. */
export const endOfPrefix = (text: string): string => `${text}\u{10ffff}`;

/** Refuses a reference that matches no run of the history, or several: `found`, newest first. */
export function unknownRun(reference: string, found: readonly string[]): FleetError {
  const called = JSON.stringify(reference);
  if (found.length === 0) {
    return new FleetError('run_unknown', `the history has no run ${called}`, {
      hint: 'fleet history lists the runs.',
    });
  }
  return new FleetError('run_unknown', `${called} matches several runs`, {
    hint: 'Type more of it.',
    problems: found.map((run) => ({ message: run })),
  });
}

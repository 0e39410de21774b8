import type { Step } from './protocol.js';
import { type Ownership, revertStep } from './steps.js';
import type { Watch } from './watch-args.js';

/**
 * Takes a host back from a switch that was only interrupted: what it leaves is bad only where the host,
 * or the run itself, had found it so.
 */
export function undoStep(by: Ownership, since: string, watch: Watch): Step {
  const { verb, args } = revertStep(by, since, watch);
  return { verb, args: args.map(([key, value]) => [key, key === 'mode' ? 'undo' : value]) };
}

import type { Step } from '../protocol/protocol.js';
import { type Ownership, revertStep } from './steps.js';
import type { Watch } from './watch-args.js';

/**
 * Rolls a host back from an interrupted activation: the release that it leaves is bad only if the host, or the
 * run itself, has found it so.
 */
export function undoStep(by: Ownership, since: string, watch: Watch): Step {
  const { verb, args } = revertStep(by, since, watch);
  return { verb, args: args.map(([key, value]) => [key, key === 'mode' ? 'undo' : value]) };
}

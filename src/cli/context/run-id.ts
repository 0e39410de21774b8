import { asRunId, type RunId } from '../../model/names.js';
import { compactTime } from '../../model/text/compact-time.js';
import type { Context } from './context.js';

/** A new run's id: UTC time to the second and four random hex digits, so that ids sort by time. */
export function newRunId(context: Context): RunId {
  return asRunId(`${compactTime(context.clock.now())}-${context.randomHex(4)}`);
}

import { asRunId, type RunId } from '../model/names.js';
import type { Context } from './context.js';

/** A new run's id: UTC time to the second and four random hex digits, so that ids sort by time. */
export function newRunId(context: Context): RunId {
  const time = context
    .now()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z');
  return asRunId(`${time.replaceAll(/[-:]/g, '')}-${context.randomHex(4)}`);
}

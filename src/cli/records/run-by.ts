import type { RunBy } from '../../history/run-writes.js';
import type { Context } from '../context/context.js';

/** Who carries out a run of this process. */
export function runBy({ operator }: Context): RunBy {
  return { bastion: bastionOf(operator), person: null, identity: null };
}

/** Of `user@bastion`. */
export const bastionOf = (operator: string): string =>
  operator.slice(operator.lastIndexOf('@') + 1);

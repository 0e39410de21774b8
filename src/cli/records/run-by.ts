import type { RunBy } from '../../history/run-writes.js';
import { bastionOf } from '../../model/runs/operator.js';
import type { Context } from '../context/context.js';

/** Who carries out a run of this process. */
export const runBy = ({ operator }: Context): RunBy => runByName(operator);

/** All that the name of an operator says of it. */
export const runByName = (operator: string): RunBy => ({
  bastion: bastionOf(operator),
  person: null,
  identity: null,
});

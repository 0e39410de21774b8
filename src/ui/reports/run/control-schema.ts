import * as z from 'zod';
import { CONTROL_ACTIONS } from '../../../model/runs/control.js';
import { schemaVersion } from '../../json/parts.js';

/** What `pause`, `abort` and the `resume` of a run that is alive print. */
export const steer = z.strictObject({
  schemaVersion,
  run: z.string(),
  action: z.enum(CONTROL_ACTIONS),
  state: z.string().describe('what the run has come to, for a person'),
});

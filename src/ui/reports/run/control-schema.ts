import * as z from 'zod';
import { CONTROL_ACTIONS } from '../../../model/runs/control.js';
import { schemaVersion } from '../../json/parts.js';

/** What `pause`, `abort`, and `resume` of a live run print. */
export const steer = z.strictObject({
  schemaVersion,
  run: z.string(),
  action: z.enum(CONTROL_ACTIONS),
  state: z.string().describe('the state of the run now, as text for people'),
});

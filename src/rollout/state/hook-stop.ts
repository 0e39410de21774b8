import * as z from 'zod';
import { HOOK_POINTS } from '../../model/runs/hooks/hooks.js';

/** A hook that failed and is to stop the run. */
export const hookStopSchema = () =>
  z.object({ point: z.enum(HOOK_POINTS), hook: z.string(), message: z.string() });

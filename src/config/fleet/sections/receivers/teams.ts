import type * as z from 'zod';
import { section } from '../../../schema/words.js';
import { secretUrl } from './words.js';

/** A workflow of Teams that posts what it gets. */
export const teams = section({ url: secretUrl });

export type TeamsYaml = z.output<typeof teams>;

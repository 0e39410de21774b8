import type * as z from 'zod';
import { section } from '../../../schema/words.js';
import { secretUrl } from './words.js';

/** An incoming webhook of Slack. */
export const slack = section({ url: secretUrl });

export type SlackYaml = z.output<typeof slack>;

import type * as z from 'zod';
import { section } from '../../../schema/words.js';
import { mobilesAndUsers } from './people.js';
import { secretUrl } from './words.js';

/** A robot of a group in WeCom. */
export const wecom = section({ url: secretUrl, at: mobilesAndUsers.optional() });

export type WecomYaml = z.output<typeof wecom>;

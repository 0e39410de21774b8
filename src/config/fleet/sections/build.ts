import * as z from 'zod';
import { durationWithin, line, section } from '../../schema/words.js';

/** A build of over an hour and a half leaves no time to pack within the two hours that both have. */
const BOUNDS = { leastMs: 1000, mostMs: 90 * 60_000 };

const command = line('a command on one line');

/** `build:`, what makes the files of the release before they are packed. */
export const build = z.union(
  [command, section({ run: command, timeout: durationWithin('a build', BOUNDS).optional() })],
  { error: 'a command, or { run, timeout }' },
);

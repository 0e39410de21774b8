import { line, many, relativePath, section, whole } from '../../schema/words.js';

/** `backup:`, what is kept of a host before its release changes. */
export const backup = section({
  paths: many(relativePath, 'a list of paths below the root').optional(),
  command: line('a command on one line').optional(),
  keep: whole(1, 1000).optional(),
});

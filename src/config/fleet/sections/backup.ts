import { duration, line, many, section, whole } from '../../schema/words.js';

const BELOW = 'a path below the root, such as shared/.env';
/** What every release has of its own, and what fleet keeps there, is in no backup. */
const OF_FLEET = /^(\.fleet|releases|current)(\/|$)|^\.current-/;

/** Any name: it is never part of a command. */
const keptPath = line(BELOW)
  .max(255, { error: 'a path of at most 255 characters' })
  .superRefine((path, context) => {
    const parts = path.replace(/\/$/, '').split('/');
    if (parts.some((part) => part === '' || part === '.' || part === '..')) {
      context.addIssue({ code: 'custom', message: `${path} is not ${BELOW}` });
    } else if (OF_FLEET.test(path)) {
      const message = `${path} cannot be kept: releases are never changed, and .fleet is fleet's own`;
      context.addIssue({ code: 'custom', message });
    }
  });

const paths = many(keptPath, 'a list of paths below the root')
  .max(50, { error: 'a list of at most 50 paths' })
  .superRefine((all, context) => {
    const bare = all.map((path) => path.replace(/\/$/, ''));
    for (const [index, path] of bare.entries()) {
      const above = bare.find((other, at) => at !== index && `${path}/`.startsWith(`${other}/`));
      if (above === undefined || (above === path && bare.indexOf(path) === index)) continue;
      const message =
        above === path ? `${path} is named twice` : `${path} lies in ${above}, which is kept whole`;
      context.addIssue({ code: 'custom', message, path: [index] });
    }
  });

/** `backup:`, what is kept of a host before its release changes. */
export const backup = section({
  paths: paths.optional(),
  command: line('a command on one line').optional(),
  restore_command: line('a command on one line').optional(),
  keep: whole(1, 1000).optional(),
  timeout: duration.optional(),
});

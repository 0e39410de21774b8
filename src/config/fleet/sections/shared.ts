import { many, relativePath } from '../../schema/words.js';

/** `shared:`, paths that all releases of a host have in common. */
export const shared = many(relativePath, 'a list of paths').superRefine((paths, context) => {
  const bare = paths.map((path) => path.replace(/\/$/, ''));
  for (const [index, path] of bare.entries()) {
    const above = bare.find((other, at) => at !== index && `${path}/`.startsWith(`${other}/`));
    if (above === undefined || (above === path && bare.indexOf(path) === index)) continue;
    const message =
      above === path ? `${path} is shared twice` : `${path} lies in ${above}, shared too`;
    context.addIssue({ code: 'custom', message, path: [index] });
  }
});

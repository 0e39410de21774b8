const PASSWORD = /(\bansible_\w*pass\w*["']?\s*[:=]\s*)("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s,}#]+)/g;

/**
 * A text as it may be shown with a mistake in it: passwords of Ansible's variables are often in the
 * line of a host. It is as long as before, so that places in it stay the same.
 */
export const withoutPasswords = (text: string): string =>
  text.replace(PASSWORD, (_, before: string, value: string) => before + '*'.repeat(value.length));

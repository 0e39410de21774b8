/** The files of a release by path; those with a `#!` can be run. */
export type Files = Readonly<Record<string, string>>;

/** Serves its own folder on port 8080; needs nothing but busybox. */
const SERVE = '#!/bin/sh\nexec busybox httpd -f -p 8080 -h .\n';

/** The shop: a web app whose front page says `page`. */
export function shop(page: string): Files {
  return { 'bin/start': SERVE, 'index.html': `${page}\n` };
}

/** Starts well and dies 300 ms later, with a reason on stderr. */
export function dyingShop(page: string): Files {
  const start = '#!/bin/sh\nsleep 0.3\necho "shop: no such table: orders" >&2\nexit 7\n';
  return { ...shop(page), 'bin/start': start };
}

/** Dies 300 ms after its start if {@link SICK_FILE} exists, and is healthy everywhere else. */
export function fragileShop(page: string): Files {
  const check = `if test -e ${SICK_FILE}; then sleep 0.3; echo "shop: sick" >&2; exit 9; fi\n`;
  return { ...shop(page), 'bin/start': SERVE.replace('exec', `${check}exec`) };
}

export const SICK_FILE = '/var/sick';

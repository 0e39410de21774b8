import type { Guard } from '../guard.js';

const FORMS = 'src/host/program/18-forms.sh';
const UNDELETABLE = 'src/host/program/26-undeletable.sh';
const TESTS = 'test/host/userland.test.ts';
const STUCK = 'test/host/undeletable.test.ts';

/** Tools that are not GNU's, and what cannot be deleted. */
export const HOSTS_USERLAND_GUARDS: readonly Guard[] = [
  {
    name: 'userland: a flock without -w',
    protects: 'a form that the host lacks is not a lock that another step holds',
    file: FORMS,
    find: '  [ "$NOW" -lt "$flock_soon" ] || flock_end=$NOW\n',
    without: '  flock_end=$NOW\n',
    noticedBy: [`${TESTS} > a flock that knows no -w locks, and waits`],
  },
  {
    name: 'userland: words of flock',
    protects: 'a lock that cannot be had is not a lock that another step holds',
    file: FORMS,
    find: '    [ -z "$flock_error" ] || fail step_failed',
    without: '    true || fail step_failed',
    noticedBy: [`${TESTS} > a flock that knows no -w one that cannot lock at all`],
  },
  {
    name: 'userland: other ways to rename',
    protects: 'current is replaced on a host whose mv cannot do it',
    file: FORMS,
    find: '2>&1) || rename_current',
    without: '2>&1)',
    noticedBy: [`${TESTS} > where mv cannot rename over current, what else renames`],
  },
  {
    name: 'undeletable: a mount in an old release',
    protects: 'what is on another file system is never deleted',
    file: UNDELETABLE,
    find: '  if holds_mount "$1"; then\n',
    without: '  if false; then\n',
    noticedBy: [`${STUCK} > an old release that cannot be deleted stays whole`],
  },
  {
    name: 'undeletable: a leftover of its own transaction',
    protects: 'what cannot be deleted fails no run',
    file: UNDELETABLE,
    find: ' || TMP_NAME=.tmp-$$-$A_txn\n',
    without: '\n',
    noticedBy: [`${STUCK} > a leftover that cannot be deleted fails no claim`],
  },
];

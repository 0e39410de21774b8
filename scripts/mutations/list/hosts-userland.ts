import type { Mutation } from '../mutation.js';

const FORMS = 'src/host/program/frame/18-forms.sh';
const UNDELETABLE = 'src/host/program/frame/26-undeletable.sh';
const TESTS = 'test/host/userland.test.ts';
const STUCK = 'test/host/protocol/undeletable.test.ts';

/** Tools that are not GNU's, and what cannot be deleted. */
export const HOSTS_USERLAND_MUTATIONS: readonly Mutation[] = [
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
    name: 'undeletable: a mount in an old release',
    protects: 'what is on another file system is never deleted',
    file: UNDELETABLE,
    find: '  if holds_mount "$1"; then\n',
    without: '  if false; then\n',
    noticedBy: [`${STUCK} > an old release that cannot be deleted stays whole`],
  },
];

import type { Mutation } from '../mutation.js';

const BASE = 'src/host/program/release/43-base.sh';
const CHANGED = 'test/host/delta-base.test.ts';
const DIFFERENCE = 'test/artifact/delta/difference.test.ts';
const MANIFESTS = 'test/engine/delta/manifests.test.ts';

/** A release that is built on another one of the host. */
export const HOST_DELTA_MUTATIONS: readonly Mutation[] = [
  {
    name: 'base: no way through a link',
    protects: 'nothing outside of the copy is deleted or written, whatever the base has become',
    file: BASE,
    find: '&& [ "$PWD" = "$TREE/$1" ] && return',
    without: '&& return',
    noticedBy: [`${CHANGED} > is not written or deleted through a link in it`],
  },
  {
    name: 'base: a release of this host',
    protects: 'a base that is gone leads to the whole, not to half a release',
    file: BASE,
    find: 'is_complete "$A_base" && ! is_foreign "$A_base" || give_up_stage',
    without: 'true || give_up_stage',
    noticedBy: [`${CHANGED} > is reported if it is gone`],
  },
  {
    name: 'base: proven by its ctimes',
    protects: 'what someone has changed in a release does not get into the next one',
    file: BASE,
    find: '! is_seen "$A_base" || BASE_PROVEN=1',
    without: 'BASE_PROVEN=1',
    noticedBy: [
      `${CHANGED} > is reported if a file has other contents, and size and time as before`,
    ],
  },
  {
    name: 'base: what was sent is read',
    protects:
      'I1: a visible release is what its manifest says, also on a base that has not changed',
    file: BASE,
    find: '} | sha256sum -c) >/dev/null 2>&1 || return 1',
    without: '}) >/dev/null 2>&1 || return 1',
    noticedBy: [`${CHANGED} > does not excuse a file that was sent with other contents`],
  },
  {
    name: 'base: whatever fails, the whole may follow',
    protects: 'no host fails for its base that the whole could be sent to',
    file: 'src/host/program/release/42-receive.sh',
    find: '  [ -z "$A_base" ] || [ "$1" = disk_full ] || set -- base_changed "$2" "$3"\n',
    without: '',
    noticedBy: [`${CHANGED} > is reported if a file has other contents`],
  },
  {
    name: 'base: what was added to it is deleted',
    protects: 'an app that writes caches beside its code gets deltas too',
    file: 'src/host/program/release/49-drift.sh',
    find: '! drop_additions "$@" || staged_drift',
    without: 'true || staged_drift',
    noticedBy: [`${CHANGED} > is good enough if an app has only added files to it`],
  },
  {
    name: 'difference: what fleet makes on the host',
    protects: 'a link to shared/ of the base is not taken for what the release has there',
    file: 'src/artifact/delta/difference.ts',
    find: 'base: byPath(base.filter(({ path }) => !isOwn.has(path))),',
    without: 'base: byPath(base),',
    noticedBy: [`${DIFFERENCE} > what fleet makes on the host is cleared`],
  },
  {
    name: 'manifest of a host: its digest',
    protects: 'a host that lies about a release has no say in what others are sent',
    file: 'src/engine/delta/read-manifest.ts',
    find: 'entries !== null && digestOf(entries) === digest ? entries : null',
    without: 'entries',
    noticedBy: [
      `${MANIFESTS} > a host is believed about a release only if its digest says the same`,
    ],
  },
];

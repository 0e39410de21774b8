import type { Mutation } from '../mutation.js';

const REGISTER = 'src/host/program/release/84-register.sh';
const ADOPT = 'test/host/adopt.test.ts';
const JUDGE = 'test/model/adopt/judge.test.ts';

/** What an adoption must not do to a host, and what it must not take for a release. */
export const HOST_ADOPT_MUTATIONS: readonly Mutation[] = [
  {
    name: 'adopt: the claim',
    protects: 'no step changes a host that its run does not hold',
    file: REGISTER,
    find: '  lock\n  own\n  [ "$S_phase" = claimed ] ||',
    without: '  lock\n  [ "$S_phase" = claimed ] || true ||',
    noticedBy: [`${ADOPT} > are refused without the claim`],
  },
  {
    name: "adopt: fleet's own releases",
    protects: 'a release of fleet never counts as made by another tool',
    file: REGISTER,
    find: '  ! is_complete "$A_id" || is_foreign "$A_id" ||\n    fail release_exists',
    without: '  true || fail release_exists',
    noticedBy: [`${ADOPT} > do not touch a release that fleet made`],
  },
  {
    name: 'adopt: what fleet has found since',
    protects: 'a release that was found bad is not healthy again',
    file: REGISTER,
    find: `if read_marker "$A_id" && [ "$M_standing" != staged ]; then`,
    without: 'if false; then',
    noticedBy: [`${ADOPT} > keeps what fleet has found of it since`],
  },
  {
    name: 'adopt: a list with gaps',
    protects: 'a manifest with unread files would pass for the whole release',
    file: REGISTER,
    find: '    *other* | *unread*)',
    without: '    none-of-these)',
    noticedBy: [`${ADOPT} > list no release with what cannot be read or is no file`],
  },
  {
    name: 'adopt: a current elsewhere',
    protects: 'current is never moved to another release by relink',
    file: REGISTER,
    find: "    '' | /* | */*) wrong_phase",
    without: "    '' | */*/never) wrong_phase",
    noticedBy: [`${ADOPT} > leave a current that leads out of releases/ as it is`],
  },
  {
    name: 'adopt: the time of the link',
    protects: 'no process looks older than its release, and is restarted for it',
    file: REGISTER,
    find: `touch -h -r "$R/current" "$F/current" 2>/dev/null || true`,
    without: ':',
    noticedBy: [
      `${ADOPT} > give the new link the time of the old one, by which processes are judged`,
    ],
  },
  {
    name: 'adopt: without an end in the log',
    protects: 'capistrano#1800: a release that never finished is no candidate',
    file: 'src/model/adopt/judge.ts',
    find: "if (name >= first) return { why: 'the log of its tool has no end of its deploy' };",
    without: '',
    noticedBy: [`${JUDGE} > are left alone if their deploy was not finished`],
  },
  {
    name: 'adopt: newer than the current one',
    protects: 'a deploy that was cut off is no release',
    file: 'src/model/adopt/judge.ts',
    find: 'if (isLater)',
    without: 'if (isLater && false)',
    noticedBy: [`${JUDGE} > a folder after the last one that ran is left alone`],
  },
];

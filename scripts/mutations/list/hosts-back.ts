import type { Mutation } from '../mutation.js';

const LINKS = 'src/host/program/frame/28-links.sh';
const OWNERS = 'src/host/program/facts/37-owners.sh';
const DECIDE = 'src/host/program/steps/70-decide.sh';
const FOREIGN = 'test/host/foreign-current.test.ts';
const UNTOUCHED = 'test/host/untouched.test.ts';

/** The way back to what fleet did not make, and roots that are spread over disks. */
export const BACK_MUTATIONS: readonly Mutation[] = [
  {
    name: 'foreign from: its own link',
    protects: 'DESIGN 4: from is put back exactly, whatever current was',
    file: LINKS,
    find: 'if [ -L "$F/links/$1" ] && { [ "$2" = back ] || is_foreign "$1"; }; then',
    without: 'if false; then',
    noticedBy: [`${FOREIGN} > comes back as it was: a folder beside the root`],
  },
  {
    name: 'foreign from: kept before it is replaced',
    protects: 'DESIGN 4: from is put back exactly, whatever current was',
    file: LINKS,
    find: '  cp -P -- "$R/current" "$F/links/$CUR" || fail_write "$F/links/$CUR"\n',
    without: '  ln -s "releases/$CUR" "$F/links/$CUR"\n',
    noticedBy: [`${FOREIGN} > comes back as it was: Capistrano, absolute`],
  },
  {
    name: 'foreign from: counts as there',
    protects: 'a host that another tool had deployed was left down on the bad release',
    file: 'src/host/program/steps/50-switch.sh',
    find: '|| is_kept "$S_from" ||\n',
    without: '||\n',
    noticedBy: [`${FOREIGN} > comes back as it was: a folder far away`],
  },
  {
    name: 'foreign from: judged by its unit',
    protects: 'probes of the new app would hold the old one down',
    file: DECIDE,
    find: '  ! is_kept "$S_from" || set --\n',
    without: '',
    noticedBy: [`${FOREIGN} > is judged by its unit on the way back`],
  },
  {
    name: 'foreign release: never pruned',
    protects: 'DESIGN 4: never deletion of anything that fleet did not make',
    file: 'src/host/program/release/80-prune.sh',
    find: `  ! is_foreign "$1" || PROTECTED='fleet did not make it'\n`,
    without: '',
    noticedBy: [`${FOREIGN} > is never deleted`],
  },
  {
    name: 'release that a link leads into: never pruned',
    protects: 'I12: what is current is never pruned',
    file: 'src/host/program/release/80-prune.sh',
    find: `  case $prune_current in "$D/$1"/*) PROTECTED='it is current' ;; esac\n`,
    without: '',
    noticedBy: [`${FOREIGN} > is never deleted`],
  },
  {
    name: 'foreign release: nothing is written into it',
    protects: 'DESIGN 4: what another tool made is not changed',
    file: 'src/host/program/frame/25-files.sh',
    find: 'if [ -z "$A_version" ] || is_foreign "$1"; then return; fi',
    without: 'if [ -z "$A_version" ]; then return; fi',
    noticedBy: [`${FOREIGN} > is a release to go back to after a good deploy`],
  },
  {
    name: 'link to nowhere: the unit is stopped',
    protects: 'what led nowhere cannot be started, and is no host that is down',
    file: DECIDE,
    find: 'if [ -z "$S_from" ] || [ "$S_back" = none ] || [ -z "$A_units" ]; then',
    without: 'if [ -z "$S_from" ] || [ -z "$A_units" ]; then',
    noticedBy: [`${FOREIGN} > is reported, put back as it was, and the unit stopped`],
  },
  {
    name: 'unarmed switch: has touched nothing',
    protects: 'a refused arm was reported down while the host was idle and serving',
    file: DECIDE,
    find: '    0:claimed | 0:staged) own ;;\n',
    without: '',
    noticedBy: [`${UNTOUCHED} > needs no way back`],
  },
  {
    name: 'unarmed switch: only of the claim that holds',
    protects: 'I3: a timer or another run answers for no transaction but its own',
    file: DECIDE,
    find: '    0:claimed | 0:staged) own ;;\n',
    without: '    *:claimed | *:staged) ;;\n',
    noticedBy: [`${UNTOUCHED} > is nothing that another run, or a timer, may answer for`],
  },
  {
    name: 'refused restart: the very processes from before',
    protects: 'a host that serves as before is not down',
    file: 'src/host/program/steps/58-way-back.sh',
    find: 'if each_unit is_untouched; then',
    without: 'if false; then',
    noticedBy: [`${UNTOUCHED} > still runs from before`],
  },
  {
    name: 'releases elsewhere: what a process runs from',
    protects: "releases on another disk left the canary's current on a release that did not run",
    file: 'src/host/program/facts/30-units.sh',
    find: '    "$D"/?*)\n',
    without: '    "$R"/releases/?*)\n',
    noticedBy: ['test/host/other-disk.test.ts > are deployed to, gone back on, and pruned'],
  },
  {
    name: 'releases elsewhere: who may change its folder',
    protects: 'another user could put a program in the place of a release',
    file: OWNERS,
    find: '"$R"/* | "$R" | "$D") owner_own=own ;;',
    without: '"$R"/* | "$R") owner_own=own ;;',
    noticedBy: ['test/security/host-owners.test.ts > releases may be a link'],
  },
  {
    name: 'releases elsewhere: the way there',
    protects: 'another user could lead releases elsewhere',
    file: OWNERS,
    find: '    follow_way "$R/releases"\n    owner_releases=$owner_at\n',
    without: '    owner_releases=$D\n',
    noticedBy: ['test/security/host-owners.test.ts > releases may be a link'],
  },
  {
    name: 'releases elsewhere: links to shared',
    protects: 'from another disk `..` leads to another shared, or to none',
    file: 'src/host/program/release/46-shared.sh',
    find: '  [ "$D" = "$R/releases" ] || shared_ups=$R/\n',
    without: '',
    noticedBy: ['test/host/other-disk.test.ts > are deployed to, gone back on, and pruned'],
  },
];

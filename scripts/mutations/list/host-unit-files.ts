import type { Mutation } from '../mutation.js';

const FILES = 'src/host/program/steps/56-unit-files.sh';
const CHECK = 'src/host/program/steps/57-unit-check.sh';
const CLI_TEST = 'test/cli/unit-template.test.ts';
const DECIDE = 'src/host/program/steps/70-decide.sh';
const TEST = 'test/host/unit-files.test.ts';

/** Unit files that come and go with a release, and several apps. */
export const UNIT_FILE_MUTATIONS: readonly Mutation[] = [
  {
    name: 'unit files: a killed step reloads again',
    protects:
      'systemd runs the unit that is installed, also if a step was killed before the reload',
    file: FILES,
    find: '  [ -z "$install_any" ] || unit_systemctl daemon-reload ||',
    without: '  [ -z "" ] || unit_systemctl daemon-reload ||',
    noticedBy: [`${TEST} > is installed when the release is activated, and not before`],
  },
  {
    name: 'unit files: what was there is never deleted',
    protects: 'fleet deletes no unit file that it did not bring',
    file: FILES,
    find: 'if [ -e "$F/units/.back/$restore_name" ] || [ ! -e',
    without: 'if [ ! -e',
    noticedBy: [`${TEST} > goes back with the release, byte for byte`],
  },
  {
    name: 'unit files: wait until the activation',
    protects:
      'a run that is given up leaves a release that is deployed again with its own unit files',
    file: FILES,
    find: '  remove .fleet/units .next\n  mv -- "$units_new" "$F/units/.next" &&',
    without: '  remove .fleet/units "$A_id"\n  mv -- "$units_new" "$F/units/$A_id" &&',
    noticedBy: [`${TEST} > waits until the activation`],
  },
  {
    name: 'unit files: no link is replaced',
    protects: 'a masked unit stays masked',
    file: FILES,
    find: '    [ ! -L "$keep_there" ] ||',
    without: '    true ||',
    noticedBy: [`${TEST} > does not replace a link`],
  },
  {
    name: 'unit files: systemd-analyze may refuse',
    protects: 'a broken unit is refused before anything changes',
    file: FILES,
    find: '  refuse_unfit_units\n',
    without: '',
    noticedBy: [`${TEST} > that systemd-analyze refuses changes nothing`],
  },
  {
    name: 'unit files: refused before the first wave',
    protects: 'no host is changed for a unit file that one of them cannot use',
    file: 'src/engine/preflight/unit-file-problems.ts',
    find: '    refused === null\n',
    without: '    true\n',
    noticedBy: [`${CLI_TEST} > is refused in the plan if it has no program`],
  },
  {
    name: 'unit files: an unknown section is refused',
    protects: 'a unit does not run without what someone has written into it',
    file: CHECK,
    find: "    *'Unknown section'*) ",
    without: "    *'No such section'*) ",
    noticedBy: ['test/host/unit-check.test.ts > is refused for a section'],
  },
  {
    name: 'unit files: a rollback sends none',
    protects: 'what a host keeps of a release is not replaced by what people read of it',
    file: 'src/engine/run/calls/effect-table.ts',
    find: "  if (kind !== 'deploy') return [];\n",
    without: '',
    noticedBy: ['test/cli/unit-template.test.ts > keeps its own text through a rollback'],
  },
  {
    name: 'unit files: the rollback has them',
    protects: 'a rollback runs the old release by the old unit',
    file: DECIDE,
    find: '  restore_link\n  restore_units || end_down "$UNIT_ERROR"\n',
    without: '  restore_link\n  UNITS_RESTORED=\n',
    noticedBy: [`${TEST} > goes back with the release, byte for byte`],
  },
  {
    name: 'unit files: a run that is given up has them',
    protects: 'a host that is disarmed keeps its old unit',
    file: DECIDE,
    find: '      restore_units || fail step_failed "$UNIT_ERROR"\n      unclaim_to',
    without: '      unclaim_to',
    noticedBy: [`${TEST} > after which the run is given up puts the file back`],
  },
  {
    name: 'unit files: the boot guard has them',
    protects: 'a host that reboots in an activation starts by its old unit',
    file: 'src/host/program/steps/75-guard.sh',
    find: '    restore_link\n    restore_units || fail step_failed "$UNIT_ERROR"\n',
    without: '    restore_link\n',
    noticedBy: [`${TEST} > goes back at boot, before the unit starts`],
  },
  {
    name: 'apps: no two have one root',
    protects: 'the releases of one app are not those of another',
    file: 'src/config/shared-roots.ts',
    find: '  root === other || PARTS',
    without: '  PARTS',
    noticedBy: ['test/config/fleet/apps.test.ts > /opt/app and /opt/app'],
  },
  {
    name: 'apps: a change needs the name of one',
    protects: 'a command never changes an app that no one named',
    file: 'src/cli/context/choose-app.ts',
    find: 'if (others.length === 0) return config;',
    without: 'return config;',
    noticedBy: ['test/cli/apps.test.ts > is refused without the name of an app'],
  },
  {
    name: 'apps: only on the hosts of its groups',
    protects: 'an app is not deployed to a host that does not have it',
    file: 'src/cli/context/workspace.ts',
    find: '  return hosts.filter(({ name }) => own.has(name));',
    without: '  return own.size === 0 ? [] : hosts;',
    noticedBy: ['test/cli/apps.test.ts > each to the hosts of its own groups'],
  },
];

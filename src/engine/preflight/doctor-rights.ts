import type { HostFacts } from '../../host/protocol/protocol.js';
import { serviceCommands } from '../../host/protocol/service-rights.js';
import type { SudoState } from '../../host/protocol/sudo-state.js';
import type { App } from '../../model/runs/app.js';
import type { DoctorNote, MissingSudoers } from '../../ui/reports/doctor/rows.js';
import type { ReadHost } from '../reading/host-reading.js';
import { loginDoubt } from '../reading/login.js';
import { hasRootBySudo, lingerCommand, sudoersFile } from './admin-commands.js';
import { settingFor } from './sudo-rights.js';
import {
  type Sudoers,
  serviceSudoers,
  sudoKind,
  timerSudoers,
  unitFileSudoers,
} from './sudoers.js';

/** What an admin may do about rights on a host. */
export interface DoctorRights {
  readonly sudoers: readonly MissingSudoers[];
  readonly notes: readonly DoctorNote[];
}

/**
 * Which lines of sudoers a host lacks, and which it must not have. A host says only whether it needs a
 * line; every word of the line is from fleet.yaml and the inventory. A host that contradicts those gets none.
 */
export function doctorRights(read: ReadHost, app: App): DoctorRights {
  const { host, facts } = read;
  const asked = serviceCommands(app.service);
  const missing = asked.filter((command) => facts.missingRights.includes(command));
  const notes: DoctorNote[] = [];
  const note = (code: DoctorNote['code'], message: string): void =>
    void notes.push({ code, message });
  if (facts.sudo === 'ok' && missing.length > 0) {
    note('rights_missing', `sudo does not allow: ${missing.join(', ')}`);
  }
  if (facts.sudo === 'unlisted') note('sudo_listing', LISTING);
  if (app.service.scope === 'system' && (app.service.templates ?? []).length > 0) {
    note('unit_files', MAY_BECOME_ROOT);
  }
  if (facts.unsafeTimer) note('unsafe_sudoers', UNSAFE);
  const doubt = loginDoubt(host, facts);
  if (doubt !== null) {
    note(
      'other_login',
      `${doubt}, so no line for sudoers is shown; correct ssh.user in the inventory, or inspect the host`,
    );
    return { sudoers: [], notes };
  }
  const sudoers: MissingSudoers[] = [];
  const add = (purpose: MissingSudoers['purpose'], made: Sudoers, instead: string): void => {
    const file = sudoersFile(app.name, FILE_OF[purpose], WANTS_TO_BE_LAST.has(facts.sudo));
    if (made.kind === 'line') sudoers.push({ purpose, line: made.line, file });
    else note('line_withheld', `no line for sudoers is shown${instead}: ${made.why}`);
  };
  if (facts.sudo === 'absent') return { sudoers, notes };
  const setting = settingFor(read);
  if (setting !== null) add('settings', setting, '');
  if (missing.length > 0) {
    add('service', serviceSudoers(host.ssh.user, app, facts.systemctlIn), ' for the service');
  }
  if (facts.unitFiles?.some(({ lacking }) => lacking.length > 0) === true) {
    add(
      'unit_files',
      unitFileSudoers(host.ssh.user, app, facts.systemctlIn),
      ' for the unit files',
    );
  }
  if (wantsTimer(facts, app)) add('dead_man', timerFor(read, app), ' for the rollback timer');
  return { sudoers, notes };
}

/** Another rule asks for a password. If it comes after the new line, it is the one that counts. */
const WANTS_TO_BE_LAST: ReadonlySet<SudoState> = new Set(['overruled', 'password', 'unlisted']);

const FILE_OF = {
  settings: 'settings',
  service: 'service',
  unit_files: 'units',
  dead_man: 'timer',
} as const;

const MAY_BECOME_ROOT =
  'whoever may write a unit of the system can become root: with service.template, the login can';

const LISTING =
  'if a line for the service is there already, sudo does not list it (Defaults listpw): add ' +
  '`Defaults:USER listpw=any` to its file, where USER is the name of the login';

const UNSAFE =
  'sudo lets the login run any command as root through systemd-run: earlier versions of fleet showed ' +
  'such a line. As root there: find it with `grep -rn systemd-run /etc/sudoers /etc/sudoers.d`, and ' +
  'remove it with `visudo -f FILE`; its replacement is below, if one is still needed';

/** A user's own timers are as good, and need no rights. An unsafe line is replaced in any case. */
function wantsTimer({ deadMan, unsafeTimer }: HostFacts, app: App): boolean {
  if (app.policy.deadMan === 'off' || deadMan.includes('system')) return false;
  return unsafeTimer || !deadMan.includes('user');
}

function timerFor({ host, facts }: ReadHost, app: App): Sudoers {
  const { user } = host.ssh;
  const linger = lingerCommand(user, hasRootBySudo(facts));
  const instead = linger === null ? '' : `. A timer of the user needs no line: ${linger}`;
  const sudo = sudoKind(facts.sudoVersion);
  if (!sudo.patterns) {
    const why = `${sudo.name} has no regular expressions, and a wildcard for systemd-run would give root`;
    return { kind: 'none', why: `${why}${instead}` };
  }
  const made = timerSudoers(user, app.root);
  if (made.kind === 'none') return { kind: 'none', why: `${made.why}${instead}` };
  if (facts.rootPath === app.root) return made;
  const why = `the root ${app.root} is a link there; set root in fleet.yaml to what \`realpath ${app.root}\` prints there`;
  return { kind: 'none', why: `${why}${instead}` };
}

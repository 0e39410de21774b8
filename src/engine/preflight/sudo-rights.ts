import type { ErrorCode } from '../../errors/codes.js';
import type { HostFailure } from '../../errors/host-failure.js';
import { OTHER_WAYS, type SudoState } from '../../host/protocol/sudo-state.js';
import type { App } from '../../model/runs/app.js';
import { problem } from '../reading/host-problem.js';
import type { ReadHost } from '../reading/host-reading.js';
import { trusted } from '../reading/login.js';
import { hasRootBySudo, lingerCommand } from './admin-commands.js';
import { type Sudoers, serviceSudoers, settingSudoers } from './sudoers.js';

/** Why a run may not act on the app's units there, with what an admin may do; null where it may. */
export function judgeSudo(read: ReadHost, app: App): HostFailure | null {
  const { host, facts } = read;
  if (app.service.scope !== 'system' || app.service.action === 'none') return null;
  const found = FINDINGS[facts.sudo];
  if (found === null) return null;
  const said = facts.sudoSaid === null ? '' : `: "${facts.sudoSaid}"`;
  const message = `${found.message(host.ssh.user, waysText(read))}${said}`;
  const hint = facts.sudo === 'absent' ? withoutSudo(read) : sudoHint(read, app);
  return problem(found.code, message, hint);
}

interface Finding {
  readonly code: ErrorCode;
  readonly message: (user: string, ways: string) => string;
}

const FINDINGS: Readonly<Record<SudoState, Finding | null>> = {
  root: null,
  user: null,
  ok: null,
  password: {
    code: 'sudo_password',
    message: (user) => `sudo asks for a password before ${user} may call systemctl for the unit`,
  },
  overruled: {
    code: 'sudo_password',
    message: (user) =>
      `a rule of sudo lets ${user} call systemctl without a password, and a later rule overrides it`,
  },
  unlisted: {
    code: 'sudo_password',
    message: (user) => `sudo does not list without a password what ${user} may do`,
  },
  denied: {
    code: 'sudo_denied',
    message: (user) => `no rule of sudo lets ${user} call systemctl for the unit`,
  },
  tty: {
    code: 'sudo_tty',
    message: () => 'sudo requires a terminal (Defaults requiretty), and a run has none',
  },
  no_command: {
    code: 'sudo_path',
    message: () => 'sudo does not find systemctl in its secure_path',
  },
  absent: {
    code: 'sudo_absent',
    message: (user, ways) => `sudo is not installed${ways}, and ${user} is not root`,
  },
  unknown: {
    code: 'sudo_unknown',
    message: (user) =>
      `the rules that sudo lists do not show whether ${user} may call systemctl without a password`,
  },
};

/** The words come from fleet's own list: a host says only which of them it has. */
function waysText({ facts }: ReadHost): string {
  const ways = OTHER_WAYS.filter((way) => facts.otherWays.includes(way));
  return ways.length === 0 ? '' : ` (but ${ways.join(' and ')})`;
}

function withoutSudo(read: ReadHost): string {
  const linger = trusted(read)
    ? lingerCommand(read.host.ssh.user, hasRootBySudo(read.facts))
    : null;
  const user = linger === null ? '' : `, after: ${linger}`;
  return `fleet becomes root by sudo only: install sudo there; or log in as root (ssh.user: root); or make it a unit of the user (service.scope: user)${user}`;
}

function sudoHint(read: ReadHost, app: App): string {
  const { host, facts } = read;
  const line = serviceSudoers(host.ssh.user, app, facts.systemctlIn);
  const setting = settingFor(read);
  const needed = [setting, line].filter((made) => made !== null);
  if (!trusted(read) || needed.some(({ kind }) => kind === 'none'))
    return 'for details: fleet doctor -g GROUP';
  const lines = needed.flatMap((made) => (made.kind === 'line' ? [made.line] : [])).join(' and ');
  return `allow it in sudoers (where and how to check: fleet doctor -g GROUP): ${lines}${unless(read)}`;
}

/** What may be the reason if the line is there already. */
function unless({ host, facts }: ReadHost): string {
  if (facts.sudo === 'overruled' || facts.sudo === 'password')
    return '; it must be the last rule that matches';
  if (facts.sudo !== 'unlisted') return '';
  const listing = settingSudoers(host.ssh.user, 'listpw=any');
  return listing.kind === 'line' ? `; if that line is there already, add: ${listing.line}` : '';
}

/** The setting of sudo that the host needs before a rule can work; null if it needs none. */
export function settingFor({ host, facts }: ReadHost): Sudoers | null {
  const { user } = host.ssh;
  if (facts.sudo === 'tty') return settingSudoers(user, '!requiretty');
  if (facts.sudo !== 'no_command' || facts.systemctlIn === null) return null;
  return settingSudoers(user, 'secure_path="/usr/sbin:/usr/bin:/sbin:/bin"');
}

import type { Mutation } from '../mutation.js';

const SUDOERS = 'src/engine/preflight/sudoers.ts';
const RIGHTS = 'src/engine/preflight/doctor-rights.ts';
const LOGIN = 'src/engine/reading/login.ts';
const HOST_FACTS = 'src/host/program/facts/36-host-facts.sh';
const HOST_RIGHTS = 'src/host/program/facts/38-rights.sh';
const DEAD_MAN = 'src/host/program/steps/52-dead-man.sh';
const BOOT_GUARD = 'src/host/program/steps/75-guard.sh';
const PASTED = 'test/security/pasted-text.test.ts';
const NAMES = 'test/security/login-name.test.ts';
const UNIT = 'test/host/guard.test.ts';

/** What an admin pastes as root, and what a host starts through it. */
export const ROOT_MUTATIONS: readonly Mutation[] = [
  {
    name: 'user first in the line for the timer',
    protects: 'sudo joins arguments: a user in the middle may be a part of what is before it',
    file: SUDOERS,
    find: `\`^--uid=\${user.replaceAll('.', '\\\\.')} --quiet --collect --unit=fleet-\${txn} --on-active`,
    without: `\`^--quiet --collect --unit=fleet-\${txn} --uid=\${user.replaceAll('.', '\\\\.')} --on-active`,
    noticedBy: [`${PASTED} > have the user as the first argument`],
  },
  {
    name: 'command of the timer as a pattern',
    protects: 'a sudo without regular expressions refuses the line, in place of reading wildcards',
    file: SUDOERS,
    find: `^/(usr/)?bin/systemd-run$ \${pattern}`,
    without: `/usr/bin/systemd-run \${pattern}`,
    noticedBy: [`${PASTED} > have the user as the first argument`],
  },
  {
    name: 'characters of a root in sudoers',
    protects: 'no root is a pattern of its own',
    file: SUDOERS,
    find: '  if (!/^\\/[A-Za-z0-9/._-]+$/.test(root)) {',
    without: "  if (root === '') {",
    noticedBy: [`${PASTED} > are none for the root /opt/.*`],
  },
  {
    name: 'backslash of a unit in sudoers',
    protects: 'a line names the unit that is meant, in every sudo',
    file: SUDOERS,
    find: "unit.includes('\\\\')",
    without: "unit === ''",
    noticedBy: [`${PASTED} > are not made for a unit with a backslash`],
  },
  {
    name: 'plain user in sudoers',
    protects: 'no user is an alias, a group, a number or several words',
    file: SUDOERS,
    find: '  if (!isPlainLogin(user)) return none(',
    without: "  if (user === '-') return none(",
    noticedBy: [`${PASTED} > are none for the user ALL`],
  },
  {
    name: 'user of a host',
    protects: 'a line is for the user of the inventory, or there is none',
    file: LOGIN,
    find: 'user !== null && user !== ssh.user',
    without: 'user === ssh.name',
    noticedBy: [`${PASTED} > a host whose login is another`],
  },
  {
    name: 'uid 0 of a host',
    protects: 'a login that is root by its number is not taken for the user of the inventory',
    file: LOGIN,
    find: "(uid === 0) !== (ssh.user === 'root')",
    without: 'uid < 0',
    noticedBy: [`${PASTED} > a host whose login is another`],
  },
  {
    name: 'sudo with regular expressions',
    protects: 'no line for a timer is shown where sudo takes it for a wildcard',
    file: RIGHTS,
    find: '  if (!sudo.patterns) {',
    without: "  if (sudo.name === '') {",
    noticedBy: [`${PASTED} > Sudo version 1.9.9 is a sudo`],
  },
  {
    name: 'root as fleet.yaml has it',
    protects: 'the path in a line is not what a host says its root is',
    file: RIGHTS,
    find: '  if (facts.rootPath === app.root) return made;',
    without: '  if (facts.rootPath !== null) return timerSudoers(user, facts.rootPath);',
    noticedBy: [`${PASTED} > a host that says`],
  },
  {
    name: 'owner of a root by link',
    protects: 'a link in the place of the root makes no other folder the login user’s',
    file: 'src/engine/preflight/admin-commands.ts',
    find: `chown -h \${user}`,
    without: `chown \${user}`,
    noticedBy: [`${PASTED} > the command for the root gives no other folder`],
  },
  {
    name: 'user first of a timer',
    protects: 'the timer that is started is the one which the line allows',
    file: DEAD_MAN,
    find: 'set -- "--uid=$TIMER_USER" --quiet --collect "--unit=$timer_unit" "',
    without: 'set -- --quiet --collect "--unit=$timer_unit" "--uid=$TIMER_USER" "',
    noticedBy: [`${NAMES} > arms its timer as deploy`],
  },
  {
    name: 'LOGNAME is only a short cut',
    protects: 'what a login’s own files say of it is not believed',
    file: HOST_FACTS,
    find: `[ "\${LOGNAME:-}" = "$A_login" ] || [ "$(id -u "$A_login" 2>/dev/null)" = "$MY_UID" ]`,
    without: `[ -n "\${LOGNAME:-}" ] && A_login=$LOGNAME`,
    noticedBy: [`${NAMES} > arms its timer as deploy`],
  },
  {
    name: 'old lines for the timer',
    protects: 'a line by which a login can become root is found',
    file: HOST_FACTS,
    find: '  ! has_unsafe_timer || host_text=',
    without: '  has_unsafe_timer && false || true || host_text=',
    noticedBy: [`${NAMES} > an old line`],
  },
  {
    name: 'a timer of another program',
    protects: 'what sudo allowed to the program before is asked again',
    file: HOST_RIGHTS,
    find: `"$S_tier:$A_doctor:$S_program" = "system:0:\${0##*/}"`,
    without: '"$S_tier:$A_doctor" = system:0',
    noticedBy: ['test/host/dead-man.test.ts > that another program armed is not taken to be there'],
  },
  {
    name: 'uid of a guard',
    protects: 'a unit that runs a file of the login’s runs as no other user, above all not as root',
    file: BOOT_GUARD,
    find: '  [ "$guard_uid" = "$MY_UID" ] ||\n',
    without: '  true ||\n',
    noticedBy: [`${UNIT} > is not taken for a user that the login is not`],
  },
  {
    name: 'user of a guard',
    protects: 'the user that was looked at is the one that the unit has',
    file: BOOT_GUARD,
    find: `    *"\${NL}User=$A_login$NL"*) ;;`,
    without: '    *) ;;',
    noticedBy: [`${UNIT} > is not taken for a user that the login is not`],
  },
];

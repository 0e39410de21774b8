import type { HostFacts } from '../host/protocol.js';
import type { App } from '../model/app.js';

/** Who is to be allowed what, and where his files are. */
type Login = Pick<HostFacts, 'user' | 'uid' | 'rootPath'>;

/** The line for sudoers.d by which a run may act on the app's units, and on no others. */
export function serviceSudoers(user: string, app: App): string {
  const commands = app.service.units.flatMap((unit) =>
    verbsOf(app).map((verb) => `systemctl ${verb} ${unit}`),
  );
  return sudoersLine(user, commands);
}

function verbsOf({ service }: App): readonly string[] {
  switch (service.action) {
    case 'restart':
      return ['restart', 'stop', 'reset-failed'];
    case 'reload':
      // A unit that does not run can not be reloaded.
      return ['reload', 'restart', 'stop', 'reset-failed'];
    case 'stop-start':
      return ['stop', 'start', 'reset-failed'];
    case 'none':
      return [];
  }
}

/** One line that allows these commands as they are. */
export function sudoersLine(user: string, commands: readonly string[]): string {
  const allowed = commands.map((command) => `/usr/bin/${escaped(command)}`);
  return `${user} ALL=(root) NOPASSWD: ${allowed.join(', ')}`;
}

/**
 * The line for the system tier of the dead-man's switch: exactly the timer that `arm` starts. It is a
 * regular expression, which sudo knows since 1.9.10: a wildcard would also match arguments in
 * between, and is as good as root.
 */
export function timerSudoers({ user, uid, rootPath }: Login): string {
  const root = rootPath.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const txn = '[A-Za-z0-9._-]+';
  const start = [
    `--quiet --collect --unit=fleet-${txn} --uid=${uid} --on-active=[0-9]+ms`,
    '--timer-property=AccuracySec=100ms /bin/sh',
    `${root}/\\.fleet/bin/[0-9a-f]+ step revert root=${root} txn=${txn} guard=1`,
  ].join(' ');
  return `${user} ALL=(root) NOPASSWD: /usr/bin/systemd-run ^${start}$`;
}

/** What sudoers reads as its own. */
const escaped = (command: string): string => command.replace(/[\\,:=]/g, '\\$&');

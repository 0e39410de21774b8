import { type CommandOptions, type CommandResult, runCommand } from './command.js';

const ENVIRONMENT = [
  'HOME=/root',
  'LANG=C.UTF-8',
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
];

/**
 * Runs a command as root in a container, given its leader; no network and no sshd has a part in it.
 * A string is a `sh` script, a list is a program and its arguments.
 */
export function runInside(
  leader: number,
  command: string | readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const argv = typeof command === 'string' ? ['sh', '-c', command] : command;
  const enter = `-t ${leader} --mount --uts --ipc --net --pid --cgroup --root --wd`.split(' ');
  return runCommand('nsenter', [...enter, '--', 'env', '-i', ...ENVIRONMENT, ...argv], options);
}

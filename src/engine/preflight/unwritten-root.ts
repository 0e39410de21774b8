import type { HostFailure } from '../../errors/host-failure.js';
import { quote } from '../../host/quote.js';
import { isPlainLogin } from '../../model/hosts/login.js';
import { problem } from '../reading/host-problem.js';
import type { ReadHost } from '../reading/host-reading.js';
import { trusted } from '../reading/login.js';
import { hasRootBySudo, makeRootCommand } from './admin-commands.js';

/** Why fleet cannot write the root of an app there, with the fix; null if it can. */
export function judgeUnwritten(read: ReadHost, root: string): HostFailure | null {
  const { host, facts } = read;
  // A wrong owner is reported elsewhere, with another fix.
  const isForeign = facts.unsafe.some(({ what }) => what === 'owner');
  if (facts.root !== 'not-writable' || isForeign) return null;
  const { user } = host.ssh;
  const failure = (message: string, hint: string): HostFailure =>
    problem('root_not_writable', message, hint);
  if (facts.readOnly) {
    return failure(
      `${root} is on a file system that is mounted read-only`,
      'see there why (dmesg, /etc/fstab), and mount it read-write',
    );
  }
  const inner = facts.unwritten.filter((part) => part !== '.');
  if (inner.length === 0) return failure(`${root} cannot be written by ${user}`, own(read, root));
  const parts = inner.map((part) => `${root}/${part}`).join(', ');
  return failure(
    `${parts} cannot be written by ${user}: another user created it, e.g. a deploy as root`,
    facts.unwritten.includes('.') ? giveOver(read, root) : lookAt(read, parts),
  );
}

function own(read: ReadHost, root: string): string {
  const { user } = read.host.ssh;
  const command = trusted(read) ? makeRootCommand(user, root, hasRootBySudo(read.facts)) : null;
  return command === null
    ? `create the folder there, and make ${user} its owner`
    : `there: ${command}`;
}

/**
 * Only if all of it belongs to root, so that the login user cannot have put a link where a recursive
 * command would follow it.
 */
function giveOver(read: ReadHost, root: string): string {
  const { user } = read.host.ssh;
  if (!trusted(read) || !isPlainLogin(user) || root.startsWith('~')) return lookAt(read, root);
  const path = quote(root);
  return `as root there: find ${path} ! -user root | grep . || chown -Rh ${user} ${path}  (if that lists files, inspect them first)`;
}

const lookAt = (read: ReadHost, what: string): string =>
  `as root there: inspect ${what}, and give it to ${read.host.ssh.user} or delete it`;

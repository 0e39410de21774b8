import { existsSync, lstatSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandResult } from './command.js';

/** What the wait for a login asks of a host. */
export interface LoginTarget {
  /** The host's PID 1, while it has one. */
  readonly leader: () => number | undefined;
  readonly login: () => Promise<CommandResult>;
}

/**
 * Waits until `deploy` can log in. False when `time` milliseconds are over, which happens: now and
 * then a unit of a booting container fails, and only another boot helps.
 */
export async function awaitLogin(target: LoginTarget, time: number): Promise<boolean> {
  const deadline = Date.now() + time;
  while (Date.now() < deadline) {
    // A handshake costs more than all of these looks, so it comes last, and mostly once.
    if (acceptsLogins(target.leader())) {
      if ((await target.login()).code === 0) return true;
      await sleep(200);
    }
    await sleep(25);
  }
  return false;
}

/**
 * sshd may listen before systemd-user-sessions has run, and refuses logins until then. Both leave
 * their marks in the container's /run, where a look costs nothing.
 */
function acceptsLogins(leader: number | undefined): boolean {
  if (leader === undefined) return false;
  const run = `/proc/${leader}/root/run`;
  const started = `${run}/systemd/units/invocation:systemd-user-sessions.service`;
  return (
    existsSync(`${run}/sshd.pid`) &&
    lstatSync(started, { throwIfNoEntry: false }) !== undefined &&
    !existsSync(`${run}/nologin`)
  );
}

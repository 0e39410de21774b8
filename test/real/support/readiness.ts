import { existsSync, lstatSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandResult } from './command.js';

/** What the wait for a login asks of a host. */
export interface LoginTarget {
  /** The host's PID 1, while it has one. */
  readonly leader: () => number | undefined;
  /** `deploy` logs in and out again. */
  readonly login: () => Promise<CommandResult>;
  /** What systemd says of the boot as a whole: `starting`, `running`, `degraded`, … */
  readonly systemState: () => Promise<string>;
  /** Aborted when no one waits any more. */
  readonly over: AbortSignal;
}

/** How often a boot is looked at that takes longer than any good one should, in ms. */
const SUSPICION = 2_000;

/**
 * Waits until `deploy` can log in. False when `time` milliseconds are over, or when the boot is over
 * and logins are still refused: now and then a unit fails that only another boot brings up.
 */
export async function awaitLogin(target: LoginTarget, time: number): Promise<boolean> {
  const deadline = Date.now() + time;
  let nextDoubt = Date.now() + SUSPICION;
  let doubts = 0;
  while (Date.now() < deadline && !target.over.aborted) {
    // A handshake costs more than all of these looks, so it comes last, and mostly once.
    if (acceptsLogins(target.leader())) {
      if ((await target.login()).code === 0) return true;
      await sleep(200);
    } else if (Date.now() > nextDoubt) {
      doubts = /running|degraded/.test(await target.systemState()) ? doubts + 1 : 0;
      if (doubts === 2) return false;
      nextDoubt = Date.now() + SUSPICION;
    }
    await sleep(25);
  }
  return false;
}

/**
 * Waits until an address is found again after its link was down: the kernel remembers for a second or so that it was
 * not. What answers there, or refuses, is not asked.
 */
export async function untilFound(address: string, time = 5_000): Promise<void> {
  const deadline = Date.now() + time;
  while (Date.now() < deadline && !(await isFound(address))) await sleep(50);
}

function isFound(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22, timeout: 1_000 });
    const end = (found: boolean) => () => {
      socket.destroy();
      resolve(found);
    };
    socket.once('connect', end(true)).once('timeout', end(false));
    socket.once('error', (error) => end('code' in error && error.code === 'ECONNREFUSED')());
  });
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

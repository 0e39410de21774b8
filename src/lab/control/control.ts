import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FleetError } from '../../errors/fleet-error.js';
import { startTimeOf } from '../../files/process-identity.js';
import type { FaultKind, FaultOptions } from '../fault.js';
import { endLeftovers } from '../leftovers.js';
import type { ControlReply, ControlRequest, RunningLab } from './control-protocol.js';
import { claimLabFolder, readLabOwner, socketPath, writeLabOwner } from './lab-folder.js';

export interface LabUpOptions {
  readonly dir: string;
  readonly hosts: number;
  /** The app's root is `~/<app>`, its unit `<app>.service`. Default `shop`. */
  readonly app?: string | undefined;
}

/**
 * Starts a practice fleet in the background and waits until it answers. First removes what a dead lab has left in this
 * folder. Throws `usage` if one is running already.
 */
export async function labUp(options: LabUpOptions): Promise<RunningLab> {
  if (readLabOwner(options.dir) !== null)
    throw new FleetError('usage', `a practice fleet is already running in ${options.dir}`, {
      hint: 'end it with: fleet lab down',
    });
  claimLabFolder(options.dir);
  const dir = realpathSync(options.dir);
  await endLeftovers(dir);
  await startDaemon(dir, options);
  return labStatusOrThrow(dir);
}

export interface LabDown {
  readonly wasUp: boolean;
  /** Processes that had to be killed besides those that the lab ended itself. */
  readonly leftovers: number;
}

/** Ends the practice fleet of a folder and every process it started, also if the lab died. */
export async function labDown(dir: string): Promise<LabDown> {
  const owner = readLabOwner(dir);
  if (owner !== null) {
    // A lab that does not answer is killed below.
    await ask(dir, { op: 'down' }).catch(() => {});
    for (let tries = 0; tries < 100 && startTimeOf(owner.pid) === owner.startTime; tries++)
      await sleep(20);
    if (startTimeOf(owner.pid) === owner.startTime) process.kill(owner.pid, 'SIGKILL');
  }
  const leftovers = await endLeftovers(realFolder(dir));
  rmSync(socketPath(dir), { force: true });
  return { wasUp: owner !== null, leftovers };
}

/** The practice fleet of a folder, or null if none is running. */
export async function labStatus(dir: string): Promise<RunningLab | null> {
  return readLabOwner(dir) === null ? null : labStatusOrThrow(dir);
}

/** Turns a fault of one host on or off. Throws `usage` if no lab is running or the host is unknown. */
export async function labFault(
  dir: string,
  fault: { readonly host: string; readonly kind: FaultKind; readonly on: boolean } & FaultOptions,
): Promise<RunningLab> {
  if (readLabOwner(dir) === null)
    throw new FleetError('usage', `no practice fleet is running in ${dir}`, {
      hint: 'start one with: fleet lab up',
    });
  return settled(await ask(dir, { op: 'fault', ...fault }));
}

async function labStatusOrThrow(dir: string): Promise<RunningLab> {
  return settled(await ask(dir, { op: 'status' }));
}

function settled(reply: ControlReply): RunningLab {
  if (!reply.ok) throw new FleetError('usage', reply.message);
  return reply.status;
}

async function startDaemon(dir: string, options: LabUpOptions): Promise<void> {
  const source = import.meta.url.endsWith('.ts');
  const program = fileURLToPath(new URL(source ? './daemon.ts' : './daemon.js', import.meta.url));
  const signals = new URL(
    source ? '../../../bin/signals.js' : '../bin/signals.js',
    import.meta.url,
  );
  const log = openSync(join(dir, 'lab.log'), 'a');
  const child = spawn(
    process.execPath,
    [
      ...['--import', signals.href],
      ...(source ? ['--import', 'tsx'] : []),
      program,
      dir,
      String(options.hosts),
      options.app ?? 'shop',
    ],
    { detached: true, stdio: ['ignore', log, log, 'ipc'] },
  );
  closeSync(log);
  if (child.pid !== undefined)
    writeLabOwner(dir, { pid: child.pid, startTime: startTimeOf(child.pid) ?? '' });
  const ready = await new Promise<boolean>((resolve) => {
    child.once('message', () => resolve(true));
    child.once('exit', () => resolve(false));
    child.once('error', () => resolve(false));
  });
  if (!ready)
    throw new FleetError('internal', `the practice fleet did not start: ${lastLines(dir)}`, {
      hint: `see ${join(dir, 'lab.log')}`,
    });
  child.removeAllListeners();
  if (child.connected) child.disconnect();
  child.unref();
}

function ask(dir: string, request: ControlRequest): Promise<ControlReply> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath(realFolder(dir)));
    const failed = (why: string): void => reject(noAnswer(dir, why));
    socket.setTimeout(30_000, () => socket.destroy(new Error('it printed nothing')));
    socket.once('error', ({ message }) => failed(message));
    socket.once('close', () => failed('it closed its socket'));
    const lines = createInterface({ input: socket });
    // It passes on an error of the socket.
    lines.once('error', ({ message }: Error) => failed(message));
    lines.once('line', (line) => resolve(JSON.parse(line) as ControlReply));
    socket.write(`${JSON.stringify(request)}\n`);
  });
}

const noAnswer = (dir: string, why: string): FleetError =>
  new FleetError('usage', `the practice fleet in ${dir} does not answer: ${why}`, {
    hint: 'restart it: fleet lab down, then fleet lab up',
  });

function realFolder(dir: string): string {
  try {
    return realpathSync(dir);
  } catch {
    return dir;
  }
}

function lastLines(dir: string): string {
  return readFileSync(join(dir, 'lab.log'), 'utf8').trim().split('\n').slice(-5).join('\n');
}

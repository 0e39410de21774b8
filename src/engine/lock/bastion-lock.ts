import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { FleetError } from '../../errors/fleet-error.js';
import { withFileLock } from '../../files/file-lock.js';
import { ensureOwnFolder } from '../../files/own-files.js';
import { livenessOf, ownIdentity, type ProcessIdentity } from '../../files/process-identity.js';
import { replaceFile } from '../../files/replace-file.js';
import type { Clock } from '../../model/clock.js';
import { asRunId, type RunId } from '../../model/names.js';

/** Who holds an app for a group on this bastion. */
export interface LockHolder extends ProcessIdentity {
  readonly run: RunId;
  readonly app: string;
  readonly group: string;
  /** `user@bastion`. */
  readonly owner: string;
  readonly takenAt: string;
  /** How long it is valid without a heartbeat. */
  readonly leaseMs: number;
}

/** A lock as found. `alive` is false if its run is dead, or sent no heartbeat for its lease. */
export interface FoundLock {
  readonly file: string;
  readonly holder: LockHolder;
  readonly alive: boolean;
}

/** A lock that this process holds. */
export interface BastionLock {
  /** False once another run has taken it over. */
  readonly held: boolean;
  release(): void;
}

export type LockRequest = Pick<LockHolder, 'run' | 'app' | 'group' | 'owner' | 'leaseMs'>;

export interface LockOptions {
  readonly clock: Clock;
  /** How long to wait for another run to end, in milliseconds. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  /** Called once, when the wait begins. */
  readonly onWait: (holder: LockHolder) => void;
}

const WAIT_STEP_MS = 500;

const holderShape = z.looseObject({
  run: z.string(),
  app: z.string(),
  group: z.string(),
  owner: z.string(),
  takenAt: z.string(),
  leaseMs: z.number(),
  host: z.string(),
  boot: z.string(),
  pid: z.int(),
  start: z.string().nullable(),
});

/**
 * Takes the lock of one app and group on this bastion. A convenience: it keeps people from meeting each
 * other's claims on the hosts. Safety is the claim on each host. A dead run's lock is taken over.
 * Throws `locked` if a running run holds it for longer than `waitMs`.
 */
export async function takeBastionLock(
  stateDir: string,
  wish: LockRequest,
  options: LockOptions,
): Promise<BastionLock> {
  const { clock, signal, waitMs } = options;
  const holder = { ...wish, ...ownIdentity(), takenAt: clock.now().toISOString() };
  const file = lockFile(stateDir, holder);
  const end = clock.monotonicMs() + waitMs;
  let told = false;
  for (;;) {
    const other = await tryTaking(file, holder);
    if (other === null) return heldLock(file, holder);
    if (clock.monotonicMs() >= end) throw lockedBy(other);
    if (!told) options.onWait(other);
    told = true;
    await clock.sleep(WAIT_STEP_MS, signal);
    signal.throwIfAborted();
  }
}

/** Every lock on this bastion. */
export function listBastionLocks(stateDir: string): readonly FoundLock[] {
  let names: readonly string[];
  try {
    names = readdirSync(join(stateDir, 'locks'));
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => readLock(join(stateDir, 'locks', name)))
    .filter((found) => found !== null);
}

/** Removes the lock that was found, unless another run has taken it over meanwhile. */
export function breakBastionLock({ file, holder }: FoundLock): void {
  const now = readLock(file)?.holder;
  if (now === undefined || now.run === holder.run) rmSync(file, { force: true });
}

function lockFile(stateDir: string, { app, group }: LockHolder): string {
  ensureOwnFolder(join(stateDir, 'locks'));
  return join(stateDir, 'locks', `${lockName(app, group)}.json`);
}

/** The longest file name, less the suffix of the file that guards the taking. */
const LONGEST_NAME = 200;

/** Many groups make a name that is too long for a file system: then a digest replaces them. */
function lockName(app: string, group: string): string {
  const name = `${app}@${encodeURIComponent(group)}`;
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  // The colon tells it from the name of a group, where colons are encoded.
  return `${app.slice(0, 100)}@sha256:${createHash('sha256').update(name).digest('hex')}`;
}

/** Null if the lock was taken; else its holder. Reading and taking happen under one file lock. */
function tryTaking(file: string, holder: LockHolder): Promise<LockHolder | null> {
  return withFileLock(`${file}.taking`, async () => {
    const found = readLock(file);
    if (found?.alive === true) return found.holder;
    replaceFile(file, `${JSON.stringify(holder)}\n`);
    return null;
  });
}

function readLock(file: string): FoundLock | null {
  try {
    const holder = holderShape.parse(JSON.parse(readFileSync(file, 'utf8')));
    const silentMs = Date.now() - statSync(file).mtimeMs;
    return {
      file,
      holder: { ...holder, run: asRunId(holder.run) },
      alive: livenessOf(holder) !== 'dead' && silentMs < holder.leaseMs,
    };
  } catch {
    return null;
  }
}

/** Sends its heartbeat automatically while this process runs. */
function heldLock(file: string, holder: LockHolder): BastionLock {
  let held = true;
  const look = (): void => {
    held &&= readLock(file)?.holder.run === holder.run;
    if (held) beatOnce(file);
  };
  const beat = setInterval(look, holder.leaseMs / 6).unref();
  return {
    get held() {
      return held;
    },
    release() {
      clearInterval(beat);
      look();
      if (held) removeQuietly(file);
    },
  };
}

/** If the heartbeat cannot be written, the lock expires, and the claims on the hosts still protect the run. */
function beatOnce(file: string): void {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // The next heartbeat may succeed.
  }
}

/** A lock that cannot be removed counts as a dead run's, and the next run takes it over. */
function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // A failure here does not change how the run ended.
  }
}

function lockedBy({ run, owner, app, group, takenAt }: LockHolder): FleetError {
  return new FleetError(
    'locked',
    `run ${run} of ${owner} holds ${app} for ${group} since ${takenAt}`,
    {
      hint: `wait for it with --lock-wait 10m, or stop it: fleet abort ${run}`,
    },
  );
}

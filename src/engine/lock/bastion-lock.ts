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
  /** How long it is good without a beat. */
  readonly leaseMs: number;
}

/** A lock as it is found. `alive` is false where its run is dead, or has not beaten for its lease. */
export interface FoundLock {
  readonly file: string;
  readonly holder: LockHolder;
  readonly alive: boolean;
}

/** A lock that this process holds. */
export interface BastionLock {
  /** False once somebody has taken it over. */
  readonly held: boolean;
  release(): void;
}

export type LockWish = Pick<LockHolder, 'run' | 'app' | 'group' | 'owner' | 'leaseMs'>;

export interface LockOptions {
  readonly clock: Clock;
  /** How long to wait for somebody else to end, in milliseconds. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  /** Told once, when the wait begins. */
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
 * Takes the lock of one app and group, of which this bastion has one. It saves people from running
 * into each other's claims on the hosts; nothing depends on it but that. A dead run's lock is taken
 * over. Throws `locked` where a living run has it for longer than `waitMs`.
 */
export async function takeBastionLock(
  stateDir: string,
  wish: LockWish,
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

/** Takes away the lock that was found, unless another run has taken it over meanwhile. */
export function breakBastionLock({ file, holder }: FoundLock): void {
  const now = readLock(file)?.holder;
  if (now === undefined || now.run === holder.run) rmSync(file, { force: true });
}

function lockFile(stateDir: string, { app, group }: LockHolder): string {
  ensureOwnFolder(join(stateDir, 'locks'));
  return join(stateDir, 'locks', `${lockName(app, group)}.json`);
}

/** As long as a file's name may be, with what comes behind it while the lock is taken. */
const LONGEST_NAME = 200;

/** Forty groups make a name that no file system takes: then a digest stands for them. */
function lockName(app: string, group: string): string {
  const name = `${app}@${encodeURIComponent(group)}`;
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  // The colon sets it apart from every group, whose colons are encoded.
  return `${app.slice(0, 100)}@sha256:${createHash('sha256').update(name).digest('hex')}`;
}

/** Null where it was had; else who has it. Looking and taking are one, under a lock of their own. */
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

/** Beats by itself for as long as this process runs. */
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

/** A disk that takes no beat lets the lock run out, and the hosts keep others away; no run ends for it. */
function beatOnce(file: string): void {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // The next beat may go through.
  }
}

/** One that cannot be removed is a dead run's, which the next run takes over. */
function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // How the run has ended is not this file's to change.
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

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { mustRun } from './command.js';

const HOME = '/var/lib/fleet-lab';
const TEARDOWN = fileURLToPath(new URL('../teardown.sh', import.meta.url));

/**
 * One fleet's share of the machine: the number from which its subnet, folder, bridge, namespaces
 * and cgroup are named. Whatever bears the number can be found and removed by anyone.
 */
export interface Slot {
  readonly number: number;
  readonly dir: string;
  /** The line in the owner file: process id, its start time, and a word that no other fleet has. */
  readonly owner: string;
  /** The bridge's name, and the start of all others: `flab7`, `flab7h01`. */
  readonly prefix: string;
  readonly guardian: ChildProcess;
}

/** A slot as it is found on the machine. */
export interface SlotOwner {
  readonly number: number;
  readonly owner: string;
  readonly pid: number;
  readonly alive: boolean;
}

/** Removes what dead owners left, then takes the lowest free slot. */
export async function claimSlot(): Promise<Slot> {
  mkdirSync(HOME, { recursive: true });
  await reapDeadOwners();
  const owner = `${process.pid} ${startTime(process.pid)} ${randomUUID()}`;
  const draft = `${HOME}/.${owner.split(' ')[2]}`;
  writeFileSync(draft, `${owner}\n`);
  try {
    for (let number = 0; number < 255; number++) {
      if (!linkIfFree(draft, ownerFile(number))) continue;
      const guardian = startGuardian(number, owner);
      return { number, dir: slotDir(number), owner, prefix: `flab${number}`, guardian };
    }
  } finally {
    unlinkSync(draft);
  }
  throw new Error('all 255 slots of the lab are taken');
}

/** Removes everything of the fleet, and throws when something of it stays. */
export async function releaseSlot(slot: Slot): Promise<void> {
  await mustRun('bash', [TEARDOWN, String(slot.number), slot.owner], { timeout: 120_000 });
  slot.guardian.stdin?.end();
}

/** The fleets on this machine, and whether anyone still wants them. */
export function listSlots(): readonly SlotOwner[] {
  return readdirSync(HOME).flatMap((name) => {
    const number = /^(\d+)\.owner$/.exec(name)?.[1];
    const owner = number === undefined ? undefined : readIfThere(`${HOME}/${name}`)?.trim();
    if (number === undefined || owner === undefined) return [];
    const [pid = '', start = ''] = owner.split(' ');
    const alive = startTime(Number(pid)) === start;
    return [{ number: Number(number), owner, pid: Number(pid), alive }];
  });
}

export function slotDir(number: number): string {
  return `${HOME}/${number}`;
}

function ownerFile(number: number): string {
  return `${HOME}/${number}.owner`;
}

async function reapDeadOwners(): Promise<void> {
  for (const { number, owner, alive } of listSlots()) {
    if (alive) continue;
    await mustRun('bash', [TEARDOWN, String(number), owner], { timeout: 120_000 });
  }
}

/** link(2) makes the file whole or not at all, which a lock file must be. */
function linkIfFree(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * A process that outlives this one by as long as the teardown takes. It waits for the end of its
 * stdin, which comes however this process dies, so no signal handler is needed here.
 */
function startGuardian(number: number, owner: string): ChildProcess {
  const guardian = spawn('bash', [TEARDOWN, '--guard', String(number), owner], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guardian.unref();
  const { stdin } = guardian;
  stdin.on('error', () => undefined);
  // A pipe is a socket here, and would keep this process alive; the types do not know it.
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  return guardian;
}

/** Field 22 of stat: with it, a process id cannot be mistaken for a later process of that id. */
function startTime(pid: number): string | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

import type { Stats } from 'node:fs';
import { lstat, readFile, readlink, stat } from 'node:fs/promises';
import { join, parse, sep } from 'node:path';
import { FleetError } from '../../errors/fleet-error.js';

/** Why a file cannot be trusted: a path on the way to it, and what is wrong with that, in words. */
export interface Distrust {
  readonly path: string;
  readonly reason: string;
}

/** Who this process is to trust, as user ids; null on a system without such. */
export type Owners = ReadonlySet<number> | null;

/**
 * The user who runs fleet, and root. As git has it for safe.directory, a root by way of sudo also
 * trusts who called sudo.
 */
export function ownersOf(env: Readonly<Record<string, string | undefined>>): Owners {
  const self = process.geteuid?.();
  if (self === undefined) return null;
  const caller = self === 0 ? Number(env.SUDO_UID || '0') : self;
  return new Set([0, self, ...(Number.isSafeInteger(caller) ? [caller] : [])]);
}

/**
 * Looks at a file or folder and at every folder above it, as sshd's StrictModes does: each has to
 * belong to one of the owners, and no one else may write it. Links are followed one at a time, as the
 * kernel does. Null where another user can change nothing of it, or where it is not there.
 */
export async function distrustOf(path: string, owners: Owners): Promise<Distrust | null> {
  if (owners === null) return null;
  for await (const step of wayTo(path)) {
    const reason = await reasonOf(step, owners);
    if (reason !== null) return { path: step.at, reason };
  }
  return null;
}

/** Why a folder of fleet's own cannot be trusted, and what would mend that. */
interface FolderDistrust {
  readonly reason: string;
  readonly remedy: string;
}

/**
 * Refuses a folder of fleet's own that another user could change; where `mayShare`, save those of the
 * group that it was made for. What is above it is not looked at: the home that it lies in is as it is.
 */
export async function refuseForeignFolder(
  folder: string,
  owners: Owners,
  mayShare: boolean,
): Promise<void> {
  const found = await stat(folder).catch(() => null);
  if (found === null || owners === null) return;
  const distrust = await folderDistrust(folder, found, { owners, mayShare });
  if (distrust === null) return;
  throw foreignFolder(folder, distrust);
}

/** As {@link refuseForeignFolder}, of the folder that several accounts share for approvals. */
export async function refuseForeignApprovals(folder: string, owners: Owners): Promise<void> {
  const found = await stat(folder).catch(() => null);
  if (found === null || owners === null) return;
  const distrust = await folderDistrust(folder, found, { owners, mayShare: true });
  if (distrust === null) return;
  const { reason, remedy } = distrust;
  throw new FleetError(
    'untrusted_file',
    `the folder of approvals, ${folder}, cannot be trusted: ${reason}`,
    { hint: remedy },
  );
}

function foreignFolder(folder: string, { reason, remedy }: FolderDistrust): FleetError {
  return new FleetError(
    'untrusted_file',
    `the state folder ${folder} cannot be trusted: ${reason}`,
    {
      hint: `runs, history and locks are kept there: ${remedy}`,
    },
  );
}

async function folderDistrust(
  folder: string,
  found: Stats,
  { owners, mayShare }: { readonly owners: ReadonlySet<number>; readonly mayShare: boolean },
): Promise<FolderDistrust | null> {
  const reason = await reasonOf({ at: folder, found, isTarget: true }, owners);
  if (reason === null) return null;
  if (mayShare && (found.mode & GROUP_WRITES) !== 0) return sharingDistrust(folder, found, owners);
  return { reason, remedy: 'make it yours with mode 700, or name another: FLEET_STATE_DIR' };
}

/** Those of the group trust each other with all that fleet keeps; everyone else is kept out. */
async function sharingDistrust(
  folder: string,
  found: Stats,
  owners: ReadonlySet<number>,
): Promise<FolderDistrust | null> {
  const { uid, gid, mode } = found;
  const group = await groupName(gid);
  const remedy = `as root: chown root ${word(folder)}; chmod 2770 ${word(folder)}`;
  if (!owners.has(uid) && !(await isMember(uid, gid)))
    return { reason: `it belongs to ${await userName(uid)}, who is not in group ${group}`, remedy };
  if ((mode & 0o002) !== 0)
    return { reason: `every user may write it (${modeText(mode)})`, remedy };
  if ((mode & SET_GID) === 0)
    return { reason: `group ${group} may write it, but not what is made in it`, remedy };
  if ((mode & STICKY) !== 0)
    return { reason: `it is sticky (${modeText(mode)}), so no one can take over a lock`, remedy };
  if (process.geteuid?.() === 0 || ownGroups().includes(gid)) return null;
  const join = `as root: usermod -aG ${group} USER; then log in anew`;
  return { reason: `it is for group ${group}, which you are not in`, remedy: join };
}

const ownGroups = (): readonly number[] => [
  ...(process.getgroups?.() ?? []),
  ...(process.getegid === undefined ? [] : [process.getegid()]),
];

async function isMember(uid: number, gid: number): Promise<boolean> {
  const user = (await usersOf()).find((each) => each.uid === uid);
  const group = await groupOf(gid);
  return user?.gid === gid || (group?.members.split(',').includes(user?.name ?? '') ?? false);
}

/** The option that names a file, by which a user says that they trust it anyway. */
export type Naming = '-c' | '-i';

/** Refuses with `untrusted_file` what was found, and could have been written by another user. */
export async function refuseDistrusted(
  path: string,
  owners: Owners,
  naming: Naming,
): Promise<void> {
  const found = await distrustOf(path, owners);
  if (found === null) return;
  throw untrusted(path, found, `if you trust it: ${naming} ${word(path)}`);
}

/** As {@link refuseDistrusted}, of a program: to name it is not enough. */
export async function refuseProgram(path: string, owners: Owners): Promise<void> {
  const found = await distrustOf(path, owners);
  if (found === null) return;
  const hint =
    'fleet runs an inventory program only if it and its folders are yours or root’s and no one else may write them';
  throw untrusted(path, found, hint);
}

function untrusted(path: string, found: Distrust, hint: string): FleetError {
  const where = found.path === path ? found.reason : `of ${found.path}, ${found.reason}`;
  const message = `another user could have written ${path}: ${where}`;
  return new FleetError('untrusted_file', message, { hint });
}

/** The folders above may have been named by whoever is not trusted. */
function word(path: string): string {
  return /^[\w@%+:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

/** As Linux has it. */
const MOST_LINKS = 40;

/** A path that is looked up on the way. */
interface Step {
  readonly at: string;
  readonly found: Stats;
  readonly isTarget: boolean;
}

async function* wayTo(path: string): AsyncGenerator<Step> {
  const { root } = parse(path);
  let rest = path.slice(root.length).split(sep);
  let at = root;
  let links = 0;
  yield { at, found: await lstat(at), isTarget: false };
  while (rest.length > 0) {
    const [part = '', ...more] = rest;
    const next = join(at, part);
    const found = await lstat(next).catch(() => null);
    if (found === null) return;
    yield { at: next, found, isTarget: more.length === 0 && !found.isSymbolicLink() };
    rest = more;
    if (!found.isSymbolicLink()) at = next;
    else {
      links += 1;
      if (links > MOST_LINKS) return;
      const target = await readlink(next);
      if (target.startsWith(sep)) at = root;
      rest = [...target.split(sep), ...more];
    }
  }
}

const STICKY = 0o1000;
const SET_GID = 0o2000;
const GROUP_WRITES = 0o020;

const modeText = (mode: number): string => `mode ${(mode & 0o7777).toString(8).padStart(4, '0')}`;

async function reasonOf(
  { found, isTarget }: Step,
  owners: ReadonlySet<number>,
): Promise<string | null> {
  const { uid, gid, mode } = found;
  if (!owners.has(uid)) return `it belongs to ${await userName(uid)}`;
  // In a sticky folder no one can put something in the place of what is ours.
  if (found.isSymbolicLink() || (!isTarget && (mode & STICKY) !== 0)) return null;
  const shown = modeText(mode);
  if ((mode & 0o002) !== 0) return `every user may write it (${shown})`;
  if ((mode & GROUP_WRITES) === 0 || (await isPrivateGroup(gid, owners))) return null;
  return `group ${await groupName(gid)} may write it (${shown})`;
}

/**
 * Whether no one but the owners can be in a group: it bears the name of one, as useradd makes one for
 * each user, or is a group of the system without members. The same rule holds on hosts.
 */
async function isPrivateGroup(gid: number, owners: ReadonlySet<number>): Promise<boolean> {
  const [users, group] = [await usersOf(), await groupOf(gid)];
  if (group === undefined) return false;
  const names = users.filter(({ uid }) => owners.has(uid)).map(({ name }) => name);
  const members = group.members.split(',').filter((name) => name !== '');
  return (
    (names.includes(group.name) || gid < 100) &&
    members.every((name) => names.includes(name)) &&
    users.every((user) => user.gid !== gid || owners.has(user.uid))
  );
}

async function usersOf() {
  const rows = await rowsOf('/etc/passwd');
  return rows.map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}

async function groupOf(gid: number) {
  const row = (await rowsOf('/etc/group')).find((each) => Number(each[2]) === gid);
  return row && { name: row[0] ?? '', members: row[3] ?? '' };
}

/** A number where the system has no name for it. */
export const userName = async (uid: number): Promise<string> =>
  (await usersOf()).find((user) => user.uid === uid)?.name ?? `uid ${uid}`;

/** A number where the system has no name for it. */
export const groupName = async (gid: number): Promise<string> =>
  (await groupOf(gid))?.name ?? String(gid);

const rowsOf = async (file: string): Promise<readonly (readonly string[])[]> =>
  (await readFile(file, 'utf8').catch(() => ''))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(':'));

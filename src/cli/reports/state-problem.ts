import { accessSync, constants, lstatSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, sep } from 'node:path';
import { userName } from '../../config/paths/owners.js';
import type { ErrorCode } from '../../errors/codes.js';
import { fileProblem } from '../../errors/file-problem.js';
import { FleetError } from '../../errors/fleet-error.js';

/** Why fleet cannot use its state folder, and what fixes that. */
interface StateProblem {
  readonly why: string;
  readonly remedy: string;
}

const { R_OK, W_OK, X_OK } = constants;

/**
 * Turns an error of the system about the state folder, or what is in it, into a refusal that names the
 * folder, the reason, and what to do. Every other error stays as it is.
 */
export async function ofStateFolder(error: unknown, stateDir: string): Promise<unknown> {
  const cause = systemError(error);
  const path = cause === null ? null : pathOf(cause);
  if (cause === null || path === null || !concerns(path, stateDir)) return error;
  const known = fileProblem(cause);
  const found = (await findProblem(path, stateDir)) ?? problemOf(known);
  if (found === null) return error;
  const code = codeOf(error) ?? known?.code ?? 'file_unusable';
  const message = `fleet cannot keep runs, locks and history in ${stateDir}: ${found.why}`;
  const hint = `${found.remedy}; or name another folder: FLEET_STATE_DIR=/PATH`;
  return new FleetError(code, message, { hint, cause: error });
}

/**
 * What is wrong with the state folder, or with a path below it, by its state now; null if it can be
 * used or created.
 */
export async function findProblem(path: string, stateDir: string): Promise<StateProblem | null> {
  const nearest = nearestThere(path);
  if (nearest === null) return null;
  const { at, found } = nearest;
  if (found.isSymbolicLink()) {
    const why = `${at} is a link to ${readlinkSync(at)}, which does not exist`;
    return { why, remedy: `create that folder, or remove the link: rm ${at}` };
  }
  if (!found.isDirectory() && (at !== path || at === stateDir)) {
    return { why: `${at} is a file, but must be a folder`, remedy: `move ${at} away` };
  }
  switch (accessProblem(at, found)) {
    case 'EACCES':
      return notAllowed(at, found, stateDir);
    case 'EROFS': {
      const why = `${at} is on a file system that is read-only`;
      return { why, remedy: `make it writable; to see its mount: findmnt -T ${at}` };
    }
    default:
      return null;
  }
}

/** The system's code if this account cannot read and write a path; null if it can. */
function accessProblem(at: string, found: Stats): string | null {
  try {
    accessSync(at, found.isDirectory() ? R_OK | W_OK | X_OK : R_OK | W_OK);
    return null;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : null;
  }
}

async function notAllowed(at: string, found: Stats, stateDir: string): Promise<StateProblem> {
  const mode = (found.mode & 0o7777).toString(8).padStart(4, '0');
  const account = accountName();
  const why = `${at} belongs to ${await userName(found.uid)} (mode ${mode}), and ${account} may not write it`;
  const isOwn = found.uid === process.geteuid?.();
  const isInside = at === stateDir || at.startsWith(`${stateDir}${sep}`);
  if (isOwn) return { why, remedy: `chmod u+rwX ${at}` };
  // Usually `sudo fleet` left it.
  if (isInside) return { why, remedy: `as root: chown -R ${account} ${stateDir}` };
  return { why, remedy: `as root: install -d -o ${account} -m 700 ${stateDir}` };
}

/** The nearest of a path and the folders above it that exists; links are followed if they lead somewhere. */
function nearestThere(path: string): { readonly at: string; readonly found: Stats } | null {
  for (let at = path; ; at = dirname(at)) {
    try {
      const link = lstatSync(at);
      const found = statSync(at, { throwIfNoEntry: false });
      return { at, found: found ?? link };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : '';
      const isAbove = code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES';
      if (!isAbove || at === dirname(at)) return null;
    }
  }
}

/** The state folder, a path below it, or a folder above that it needs. */
const concerns = (path: string, stateDir: string): boolean =>
  path === stateDir || path.startsWith(`${stateDir}${sep}`) || stateDir.startsWith(`${path}${sep}`);

function problemOf(known: FleetError | null): StateProblem | null {
  if (known === null) return null;
  return { why: known.message, remedy: known.hint ?? 'see its owner and mode: ls -ld' };
}

/** The error of the system behind a refusal. */
function systemError(error: unknown): Error | null {
  if (!(error instanceof Error)) return null;
  if (!(error instanceof FleetError)) return error;
  return codeOf(error) !== null && error.cause instanceof Error ? error.cause : null;
}

const OF_FILES: ReadonlySet<ErrorCode> = new Set([
  'file_unusable',
  'bastion_full',
  'history_unavailable',
]);

const codeOf = (error: unknown): ErrorCode | null =>
  error instanceof FleetError && OF_FILES.has(error.code) ? error.code : null;

function pathOf(error: Error): string | null {
  const path: unknown = Reflect.get(error, 'path');
  return typeof path === 'string' ? path : null;
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.geteuid?.());
  }
}

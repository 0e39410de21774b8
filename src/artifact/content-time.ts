import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureOwnFolder } from '../files/own-files.js';
import { replaceFile } from '../files/replace-file.js';

/** An upload that was interrupted longer ago begins from the start. */
const KEPT_MS = 30 * 24 * 3_600_000;

/** Content by its digest, `sha256:<hex>`, in the folder where releases are packed. */
export interface PackedContent {
  readonly tmpDir: string;
  readonly digest: string;
}

/**
 * The time of every member in an archive of this content: when it was first packed for a run on this machine, else
 * `now`. So the same content gives the same archive again, and a later run can go on with an upload that was
 * interrupted, while other content has another time, which web servers and caches rely on.
 */
export async function contentTime(content: PackedContent, now: Date): Promise<Date> {
  const kept = new Date(await readFile(fileOf(content), 'utf8').catch(() => ''));
  return kept.getTime() <= now.getTime() ? kept : now;
}

/** Keeps that time, as the upload is about to begin. If it cannot be kept, a later run sends the whole. */
export async function keepContentTime(
  content: PackedContent,
  { time, now }: { readonly time: Date; readonly now: Date },
): Promise<void> {
  const folder = folderOf(content);
  const file = fileOf(content);
  try {
    ensureOwnFolder(folder);
    replaceFile(file, time.toISOString());
    await utimes(file, now, now);
    await removeOld(folder, now);
  } catch {
    // Nothing depends on it.
  }
}

const folderOf = ({ tmpDir }: PackedContent): string => join(tmpDir, 'times');

const fileOf = (content: PackedContent): string =>
  join(folderOf(content), content.digest.replace(/^sha256:/, ''));

async function removeOld(folder: string, now: Date): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    const { mtimeMs } = await stat(file);
    if (now.getTime() - mtimeMs > KEPT_MS) await rm(file, { force: true });
  }
}

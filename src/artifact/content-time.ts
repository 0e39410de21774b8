import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** An upload that was interrupted longer ago begins from the start. */
const KEPT_MS = 30 * 24 * 3_600_000;

/**
 * The time of every member in an archive of this content (`sha256:<hex>`): when it was first packed on this machine.
 * So the same content gives the same archive again, and a later run can go on with an upload that was interrupted,
 * while other content has another time, which web servers and caches rely on. `now` if nothing can be kept.
 */
export async function contentTime(
  folder: string,
  content: { readonly digest: string; readonly now: Date },
): Promise<Date> {
  try {
    await mkdir(folder, { recursive: true });
    return await keptTime(join(folder, content.digest.replace(/^sha256:/, '')), content.now);
  } catch {
    return content.now;
  } finally {
    await removeOld(folder, content.now).catch(() => undefined);
  }
}

async function keptTime(file: string, now: Date): Promise<Date> {
  const kept = new Date(await readFile(file, 'utf8').catch(() => ''));
  if (kept.getTime() <= now.getTime()) {
    await utimes(file, now, now);
    return kept;
  }
  await writeFile(file, now.toISOString());
  return now;
}

async function removeOld(folder: string, now: Date): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    const { mtimeMs } = await stat(file);
    if (now.getTime() - mtimeMs > KEPT_MS) await rm(file, { force: true });
  }
}

import { createHash } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { ensureOwnFolder, readOwn } from '../../files/own-files.js';
import { replaceFile } from '../../files/replace-file.js';
import { asRunId, isRunId, type RunId } from '../../model/names.js';
import type { HistoryLocation } from '../../model/runs/app.js';

/**
 * A run that may not be whole in the history: made before the run begins, and removed when the history has all of it.
 * So one is left by a store that could not be reached, and by a controller that was killed.
 */
export interface SyncMark {
  readonly run: RunId;
  readonly app: string;
  /** Which history it is: {@link historyKey}. */
  readonly history: string;
  /** How long the journal was when it was written into the history without an end; null if it never was. */
  readonly syncedBytes: number | null;
  /** True once its controller has ended it. */
  readonly isOver: boolean;
}

const markShape = z.object({
  app: z.string(),
  history: z.string(),
  syncedBytes: z.number().nullable(),
  isOver: z.boolean(),
});

/** Names a history without what may be secret in its address. */
export const historyKey = (location: HistoryLocation): string =>
  createHash('sha256')
    .update(JSON.stringify(withoutLogin(location)))
    .digest('hex')
    .slice(0, 16);

/** Another password is no other history. */
const withoutLogin = (location: HistoryLocation): HistoryLocation =>
  location.kind === 'url'
    ? { ...location, url: location.url.replace(/\/\/.*@/, '//').replace(/\?.*$/, '') }
    : location;

/** Throws the system's error. */
export function writeMark(stateDir: string, { run, ...mark }: SyncMark): void {
  const folder = folderOf(stateDir);
  ensureOwnFolder(folder);
  replaceFile(join(folder, run), `${JSON.stringify({ schemaVersion: 1, ...mark })}\n`);
}

export function removeMark(stateDir: string, run: RunId): void {
  rmSync(join(folderOf(stateDir), run), { force: true });
}

/** The marks of a bastion, oldest run first. What cannot be read is left out: it may be another user's. */
export function readMarks(stateDir: string): readonly SyncMark[] {
  return namesIn(folderOf(stateDir)).flatMap((name) => {
    const mark = readMark(stateDir, asRunId(name));
    return mark === null ? [] : [mark];
  });
}

export function readMark(stateDir: string, run: RunId): SyncMark | null {
  try {
    const text = readOwn(join(folderOf(stateDir), run));
    return { run, ...markShape.parse(JSON.parse(text)) };
  } catch {
    return null;
  }
}

const folderOf = (stateDir: string): string => join(stateDir, 'history-sync');

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter(isRunId).filter(isNoDraft).sort();
  } catch {
    return [];
  }
}

/** A mark that is being replaced has another name beside it. */
const isNoDraft = (name: string): boolean => !name.endsWith('.tmp');

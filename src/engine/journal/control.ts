import { type FSWatcher, readdirSync, rmSync, watch } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { ensureOwnFolder, readOwn } from '../../files/own-files.js';
import { replaceFile } from '../../files/replace-file.js';
import { CONTROL_ACTIONS, type ControlRequest } from '../../model/runs/control.js';

const requestShape = z.object({
  action: z.enum(CONTROL_ACTIONS),
  by: z.string(),
  at: z.string(),
  reason: z.string().optional(),
});

/** A watch can miss changes on a busy or remote file system. */
const POLL_MS = 1000;

/** The folder for requests to a run; created if missing. */
function controlFolder(runFolder: string): string {
  const folder = join(runFolder, 'control');
  ensureOwnFolder(runFolder);
  ensureOwnFolder(folder);
  return folder;
}

/** Leaves a request for the run of that folder. Returns the file, which is deleted once it was read. */
export function leaveRequest(runFolder: string, request: ControlRequest): string {
  const folder = controlFolder(runFolder);
  const file = join(folder, `${request.at.replaceAll(':', '')}-${process.pid}.json`);
  replaceFile(file, `${JSON.stringify(request)}\n`);
  return file;
}

/** Passes on each request that is left for a run, in order. Returns the function that ends it. */
export function watchRequests(
  runFolder: string,
  onRequest: (request: ControlRequest) => void,
): () => void {
  const folder = controlFolder(runFolder);
  const look = (): void => {
    for (const request of takeRequests(folder)) onRequest(request);
  };
  const poll = setInterval(look, POLL_MS).unref();
  const watcher = startWatching(folder, look);
  look();
  return () => {
    clearInterval(poll);
    watcher?.close();
  };
}

/** Null if the system has no watch left. Polling every second is enough then. */
function startWatching(folder: string, look: () => void): FSWatcher | null {
  try {
    const watcher = watch(folder, { persistent: false }, look);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}

/** A request that cannot be read or deleted is tried again later: it never ends a run. */
function takeRequests(folder: string): readonly ControlRequest[] {
  const taken: ControlRequest[] = [];
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
    for (const name of names.sort()) {
      const file = join(folder, name);
      const request = readRequest(file);
      rmSync(file, { force: true });
      if (request !== null) taken.push(request);
    }
  } catch {
    return taken;
  }
  return taken;
}

function readRequest(file: string): ControlRequest | null {
  try {
    return requestShape.parse(JSON.parse(readOwn(file)));
  } catch {
    return null;
  }
}

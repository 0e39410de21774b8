import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Keeper, startKeeper } from './reaper.js';

/** A private folder (0700) for the control sockets and configurations of one command. */
export interface OpensshFolder extends Keeper {
  /** Paths for one connection. */
  paths(): ConnectionPaths;
  write(path: string, text: string): Promise<void>;
}

export interface ConnectionPaths {
  readonly socket: string;
  readonly config: string;
  remove(): Promise<void>;
}

/** A socket's path may have 104 bytes; ssh needs 17 of them for a temporary name. */
const MAX_BASE_BYTES = 60;

export async function makeOpensshFolder(
  env: Readonly<Record<string, string | undefined>>,
): Promise<OpensshFolder> {
  const path = await mkdtemp(join(baseFor(env.XDG_RUNTIME_DIR), 'fleet-')).catch(() =>
    mkdtemp('/tmp/fleet-'),
  );
  const keeper = await startKeeper(path);
  let count = 0;
  return {
    ...keeper,
    paths() {
      count += 1;
      const socket = join(path, `h${count}`);
      const config = `${socket}.conf`;
      return {
        socket,
        config,
        remove: async () => void (await Promise.all([socket, config].map(removeFile))),
      };
    },
    write: (file, text) => writeFile(file, text, { mode: 0o600, flag: 'wx' }),
  };
}

function baseFor(runtime: string | undefined): string {
  if (runtime === undefined || !runtime.startsWith('/')) return '/tmp';
  return Buffer.byteLength(runtime) <= MAX_BASE_BYTES ? runtime : '/tmp';
}

const removeFile = (path: string): Promise<void> => rm(path, { force: true });

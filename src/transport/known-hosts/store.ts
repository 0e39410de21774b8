import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withFileLock } from '../../files/file-lock.js';
import { createKnownHostsFile, type KnownHostsFile } from './file.js';
import { indexKnownHosts, type KnownHosts, recordedName } from './known-hosts.js';
import { keyTypeOf } from './line.js';

/** The known_hosts files of a run; each is read once for all hosts. */
export interface KnownHostsStore {
  /** Missing files count as empty; rejects with the system's error if one cannot be read. */
  open(files: readonly string[]): Promise<KnownHosts>;
  /**
   * Records a key in the first file, unless another program recorded one for the host meanwhile; the caller
   * judges again afterwards. Appends only; makes the file (0600) and its folder (0700). Rejects with the
   * system's error, or a RangeError for a name that known_hosts cannot hold.
   */
  enrol(files: readonly string[], host: EnrolledHost): Promise<void>;
}

interface EnrolledHost {
  readonly address: string;
  readonly port: number;
  readonly key: Buffer;
}

export function createKnownHostsStore(): KnownHostsStore {
  const files = new Map<string, KnownHostsFile>();
  const indexes = new Map<string, Promise<KnownHosts>>();

  function fileAt(path: string): KnownHostsFile {
    const file = files.get(path) ?? createKnownHostsFile(path);
    files.set(path, file);
    return file;
  }

  async function index(paths: readonly string[]): Promise<KnownHosts> {
    const known = indexKnownHosts([]);
    for (const path of paths) {
      const file = fileAt(path);
      await file.load();
      file.subscribe((lines) => known.add(lines));
    }
    return known;
  }

  const store: KnownHostsStore = {
    open(paths) {
      const key = paths.join('\0');
      const opened = indexes.get(key) ?? index(paths);
      indexes.set(key, opened);
      return opened;
    },
    async enrol(paths, host) {
      const path = paths[0];
      if (path === undefined) throw new RangeError('no known_hosts file is named');
      const line = formatLine(host);
      const known = await store.open(paths);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await withFileLock(`${path}.fleet-lock`, async () => {
        await fileAt(path).readOn();
        if (known.judge(host.address, host.port, host.key).kind !== 'unknown') return;
        await append(path, line);
        await fileAt(path).readOn();
      });
    },
  };
  return store;
}

function formatLine({ address, port, key }: EnrolledHost): string {
  const name = recordedName(address, port);
  if (!/^[[\]a-z0-9._:%-]+$/.test(name)) throw new RangeError(`${name} is no host name`);
  return `${name} ${keyTypeOf(key)} ${key.toString('base64')}\n`;
}

async function append(path: string, line: string): Promise<void> {
  const handle = await open(path, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    await handle.appendFile(size > 0 && last.toString() !== '\n' ? `\n${line}` : line);
  } finally {
    await handle.close();
  }
}

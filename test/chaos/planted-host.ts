import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { HostReading } from './checker.js';
import type { HostProcesses } from './host-process.js';
import { readHostTree } from './host-tree.js';
import { entriesOf, type KnownReleases, RELEASE_LINKS, releaseFiles } from './releases.js';

/** The releases of a planted host; `weak` is one that dies by its own fault. */
export const KNOWN: KnownReleases = new Map(
  (['old', 'new', 'weak'] as const).map((id) => {
    const flaw = id === 'weak' ? 'dies-late' : 'none';
    return [id, { flaw, entries: entriesOf(releaseFiles(id, flaw)) }];
  }),
);

const STATE = {
  epoch: '2',
  run: '',
  txn: 'b.2.0',
  from: 'old',
  to: 'new',
  switch: '',
  phase: 'idle',
};

/** An app's folder as fleet leaves it on a host: on `new`, which came from `old`, and free. */
export class PlantedHost {
  readonly root = mkdtempSync(join(tmpdir(), 'fleet-planted-'));

  constructor() {
    for (const id of KNOWN.keys()) this.#release(id);
    symlinkSync('releases/new', join(this.root, 'current'));
    this.state({});
    this.log(
      ['claim', 'a', 1, 'idle', 'claimed'],
      ['arm', 'a', 1, 'claimed', 'armed'],
      ['confirm', 'a', 1, 'verified', 'idle'],
      ['unclaim', 'a', 1, 'idle', 'idle'],
      ['claim', 'b', 2, 'idle', 'claimed'],
      ['arm', 'b', 2, 'claimed', 'armed'],
      ['confirm', 'b', 2, 'verified', 'idle'],
      ['unclaim', 'b', 2, 'idle', 'idle'],
    );
  }

  write(path: string, text: string): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (text.startsWith('#!')) chmodSync(file, 0o755);
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true });
  }

  link(target: string): void {
    this.remove('current');
    symlinkSync(target, join(this.root, 'current'));
  }

  state(changed: Partial<typeof STATE>): void {
    const lines = Object.entries({ ...STATE, ...changed }).map(([key, value]) => `${key}=${value}`);
    this.write('.fleet/state', `${lines.join('\n')}\n`);
  }

  /** Rewrites the log; `[verb, run, epoch, before, after]`, and a transaction that is not the run's own. */
  log(
    ...lines: readonly (readonly [string, string, number | null, string, string, string?])[]
  ): void {
    const texts = lines.map(([verb, run, epoch, before, after, txn = `${run}.${epoch}.0`]) =>
      JSON.stringify({ at: '2026-01-01T00:00:00Z', verb, txn, run, epoch, before, after }),
    );
    this.write('.fleet/log', `${texts.join('\n')}\n`);
  }

  /** What the checker has to judge; the process runs `current` unless told. */
  reading(
    changed: Partial<Omit<HostReading, 'processes'>> & {
      readonly processes?: Partial<HostProcesses>;
    } = {},
  ): HostReading {
    const cwd = '/opt/shop/releases/new';
    const running = { active: 'active', mainPid: 7, cwd, folders: [cwd], timers: [] };
    return {
      name: 'h01',
      tree: readHostTree(this.root),
      wasFull: false,
      excuse: null,
      ...changed,
      processes: { ...running, ...changed.processes },
    };
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  #release(id: string): void {
    for (const [path, text] of releaseFiles(id, KNOWN.get(id)?.flaw ?? 'none')) {
      this.write(join('releases', id, path), text);
    }
    for (const [path, target] of RELEASE_LINKS) {
      symlinkSync(target, join(this.root, 'releases', id, path));
    }
    const version = { schema: 1, app: 'shop', version: id, digest: `sha256:${id}` };
    this.write(join('releases', id, 'version.json'), JSON.stringify(version));
    this.write(join('.fleet/releases', id), 'healthy 2026-01-01T00:00:00Z a\n{}\n');
  }
}

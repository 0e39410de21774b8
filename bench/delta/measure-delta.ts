import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootRealFleet, type RealFleet } from '../../test/real/support/real-fleet.js';
import { BenchFolder } from '../run/bench-folder.js';
import { stageOf, UNIT } from '../run/compare.js';
import { measure } from '../run/measure.js';
import type { Scene } from '../run/scene.js';
import { putBack, removeRelease, stopTimers } from '../run/verify.js';
import { hostsCpu } from './hosts-cpu.js';
import { LARGE, writeLarge, writeNext } from './large-release.js';
import { deltaTable, type Taken } from './table.js';

const FLEET = join(import.meta.dirname, '../../bin/fleet.js');
const RSYNC = join(import.meta.dirname, '../peers/rsync.sh');
const BASE = 'base';
const RSYNC_BASE = 'rsync-base';

export interface DeltaComparison {
  readonly hosts: number;
  /** Milliseconds; 0 is without a proxy. */
  readonly rtt: number;
  readonly rounds: number;
  readonly tell: (line: string) => void;
}

/** A release to deploy, and where it is. */
interface Next {
  readonly id: string;
  readonly folder: string;
}

interface Contestant {
  readonly name: string;
  readonly argv: (next: Next) => readonly string[];
}

const fleet = (config: string) => (next: Next) => [
  ...[process.execPath, FLEET, 'deploy', '-c', config, '-g', 'prod', '--yes'],
  ...['--release', next.id, '--from', next.folder],
];
const rsync =
  (...what: readonly string[]) =>
  (next: Next) => [RSYNC, 'hosts', 'ssh_config', next.id, next.folder, RSYNC_BASE, ...what];

const CONTESTANTS: readonly Contestant[] = [
  { name: 'fleet, delta', argv: fleet('fleet.yaml') },
  { name: 'fleet, whole', argv: fleet('whole.yaml') },
  { name: 'rsync --link-dest, files only', argv: rsync() },
  { name: 'rsync --link-dest, link and restart', argv: rsync('switch') },
];

/** The same change of a large release, deployed in four ways to the same hosts, in turns. */
export async function measureDelta(comparison: DeltaComparison): Promise<string> {
  const hosts = await bootRealFleet({
    count: comparison.hosts,
    sudo: { systemdRun: true },
    units: { 'shop.service': UNIT },
    base: { packages: ['rsync'] },
  });
  try {
    return await takeTurns(hosts, comparison);
  } finally {
    await hosts.shutdown();
  }
}

async function takeTurns(real: RealFleet, comparison: DeltaComparison): Promise<string> {
  const folder = new BenchFolder(join(real.dir, 'bench'));
  const { hosts: count, rtt } = comparison;
  const { scene, proxy } = await stageOf(real, folder, { count, rtt });
  try {
    const yaml = readFileSync(join(scene.dir, 'fleet.yaml'), 'utf8');
    writeFileSync(join(scene.dir, 'whole.yaml'), `${yaml}release: { delta: off }\n`);
    return await measureRounds({ real, folder, scene }, comparison);
  } finally {
    await proxy?.close();
  }
}

interface Stage {
  readonly real: RealFleet;
  readonly folder: BenchFolder;
  readonly scene: Scene;
}

async function measureRounds(
  { real, folder, scene }: Stage,
  { rounds, tell }: DeltaComparison,
): Promise<string> {
  const { env } = folder;
  const run = (argv: readonly string[]) => measure({ argv, cwd: scene.dir, env });
  const base = join(folder.dir, 'releases', BASE);
  writeLarge(base);
  await run(fleet('fleet.yaml')({ id: BASE, folder: base }));
  await run(rsync()({ id: RSYNC_BASE, folder: base }));
  const taken = new Map<string, Taken[]>(CONTESTANTS.map(({ name }) => [name, []]));
  let sent = '';
  for (let round = 1; round <= rounds; round += 1) {
    const next = { id: `next-${round}`, folder: join(folder.dir, 'releases', `next-${round}`) };
    writeNext(base, next.folder, next.id);
    sent = sentText(scene, env, next);
    for (const { name, argv } of CONTESTANTS) {
      const before = hostsCpu(real);
      const { wall, cpu, memory } = await run(argv(next));
      const one: Taken = { wall, cpu, hostsCpu: hostsCpu(real) - before, memory };
      taken.get(name)?.push(one);
      tell(`${name}: ${wall.toFixed(2)} s, CPU ${cpu.toFixed(2)} + ${one.hostsCpu.toFixed(2)} s`);
      await putBack(scene.hosts, BASE);
      await stopTimers(scene.hosts);
      removeRelease(scene.hosts, next.id);
    }
    rmSync(next.folder, { recursive: true });
  }
  return `${deltaTable(taken)}\n\n${sent}\n`;
}

/** What the plan of the delta says that each host is sent. */
function sentText(scene: Scene, env: Readonly<Record<string, string>>, next: Next): string {
  const argv = [FLEET, 'plan', 'deploy', '-g', 'prod', '--json', '--from', next.folder];
  const text = execFileSync(process.execPath, argv, { cwd: scene.dir, env, encoding: 'utf8' });
  const plan: unknown = JSON.parse(text);
  const bytes = Number(/"bytes":\s*(\d+)/.exec(JSON.stringify(plan))?.[1]);
  const all = LARGE.files * LARGE.fileBytes;
  return `${bytes} of ${all} bytes are sent to each host: ${((100 * bytes) / all).toFixed(1)} %`;
}

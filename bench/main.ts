import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { defaultUnit } from '../test/lab/options.js';
import { bootRealFleet, type RealFleet } from '../test/lab/real-fleet.js';
import { writeRelease } from './release.js';
import { median, type Timing, timed } from './timed.js';

const FLEET = join(import.meta.dirname, '../bin/fleet.js');
const SSH_LOOP = join(import.meta.dirname, 'ssh-loop.sh');

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '3' },
  },
});

// The loop has no reset-failed, and would meet systemd's start limit.
const unit = defaultUnit('shop').replace('[Unit]', '[Unit]\nStartLimitIntervalSec=0');
const fleet = await bootRealFleet({
  count: Number(values.hosts),
  units: { 'shop.service': unit },
});
try {
  print(measure(fleet, Number(values.rounds)), fleet.hosts.length);
} finally {
  await fleet.shutdown();
}

type Job = 'deploy' | 'rollback';
type Row = { readonly job: Job; readonly tool: string; readonly times: readonly Timing[] };

/** The same work by both tools, in turns, so that what else the machine does hits both alike. */
function measure(fleet: RealFleet, rounds: number): readonly Row[] {
  const dir = join(fleet.dir, 'bench');
  prepare(fleet, dir);
  const times: Record<`${Job} ${'fleet' | 'ssh'}`, Timing[]> = {
    'deploy fleet': [],
    'deploy ssh': [],
    'rollback fleet': [],
    'rollback ssh': [],
  };
  runFleet(dir, ['deploy', '--release', 'base', '--from', './base']);
  for (let round = 1; round <= rounds; round += 1) {
    const [a, b] = [`loop${round}`, `fleet${round}`];
    packRelease(dir, a);
    writeRelease(join(dir, b), b);
    times['deploy ssh'].push(runLoop(fleet, dir, a, join(dir, `${a}.tgz`)));
    times['deploy fleet'].push(runFleet(dir, ['deploy', '--release', b, '--from', `./${b}`]));
    times['rollback ssh'].push(runLoop(fleet, dir, a));
    times['rollback fleet'].push(runFleet(dir, ['rollback', '--to', 'base']));
  }
  return (['deploy', 'rollback'] as const).flatMap((job) => [
    { job, tool: 'ssh loop', times: times[`${job} ssh`] },
    { job, tool: 'fleet', times: times[`${job} fleet`] },
  ]);
}

function prepare(fleet: RealFleet, dir: string): void {
  mkdirSync(join(dir, 'inventories'), { recursive: true });
  fleet.writeInventory(join(dir, 'inventories/prod.yaml'), { group: 'prod' });
  writeFileSync(join(dir, 'hosts'), fleet.hosts.map(({ address }) => `${address}\n`).join(''));
  writeFileSync(
    join(dir, 'fleet.yaml'),
    `app: shop
root: /opt/shop
service: { unit: shop.service }
release: { keep: 20 }
policy: { waves: [rest], max_unavailable: 100%, min_healthy_time: 0s }
`,
  );
  writeRelease(join(dir, 'base'), 'base');
}

function packRelease(dir: string, version: string): void {
  writeRelease(join(dir, version), version);
  const packed = spawnSync('tar', ['czf', `${version}.tgz`, '-C', version, '.'], { cwd: dir });
  if (packed.status !== 0) throw new Error(`tar: ${packed.stderr}`);
}

function runFleet(dir: string, args: readonly string[]): Timing {
  return timed([process.execPath, FLEET, ...args, '-g', 'prod', '--yes'], { cwd: dir });
}

function runLoop(fleet: RealFleet, dir: string, release: string, archive?: string): Timing {
  const argv = [SSH_LOOP, 'hosts', fleet.identityFile, fleet.knownHostsFile, release];
  return timed(archive === undefined ? argv : [...argv, archive], { cwd: dir });
}

function print(rows: readonly Row[], hosts: number): void {
  process.stdout.write(`\n${hosts} real hosts, medians; 1.6 MB and 200 files a release\n`);
  process.stdout.write('job       tool       wall s   × loop   controller CPU ms a host\n');
  for (const row of rows) {
    const loop = rows.find(({ job, tool }) => job === row.job && tool === 'ssh loop');
    const wall = median(row.times.map((time) => time.wall));
    const cpu = (median(row.times.map((time) => time.cpu)) * 1000) / hosts;
    const base = median((loop ?? row).times.map((time) => time.wall));
    process.stdout.write(
      `${row.job.padEnd(9)} ${row.tool.padEnd(10)} ${wall.toFixed(2).padStart(6)}   ` +
        `${(wall / base).toFixed(2).padStart(6)}   ${cpu.toFixed(1).padStart(10)}\n`,
    );
  }
}

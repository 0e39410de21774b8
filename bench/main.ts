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

type Job = 'deploy' | 'rollback';
type Tool = 'ssh loop' | 'ssh loop, cheap kex' | 'fleet';
interface Sample {
  readonly job: Job;
  readonly tool: Tool;
  readonly timing: Timing;
}

/**
 * ssh's own default is a post-quantum key exchange, which takes most of the loop's CPU; ssh2 has
 * none. So the loop is also measured with the key exchange that fleet uses.
 */
const LOOPS = [
  { tool: 'ssh loop', id: 'a', options: [] },
  { tool: 'ssh loop, cheap kex', id: 'b', options: ['-o', 'KexAlgorithms=ecdh-sha2-nistp256'] },
] as const;

/** The same work by each tool, in turns, so that what else the machine does hits all alike. */
function measure(fleet: RealFleet, rounds: number): readonly Sample[] {
  const dir = join(fleet.dir, 'bench');
  prepare(fleet, dir);
  const samples: Sample[] = [];
  runFleet(dir, ['deploy', '--release', 'base', '--from', './base']);
  for (let round = 1; round <= rounds; round += 1) {
    const release = `fleet${round}`;
    writeRelease(join(dir, release), release);
    for (const { tool, id, options } of LOOPS) {
      const name = `loop${round}${id}`;
      packRelease(dir, name);
      const deploy = runLoop(fleet, dir, [name, join(dir, `${name}.tgz`), ...options]);
      const rollback = runLoop(fleet, dir, [name, '/dev/null', ...options]);
      samples.push({ job: 'deploy', tool, timing: deploy });
      samples.push({ job: 'rollback', tool, timing: rollback });
    }
    const deploy = runFleet(dir, ['deploy', '--release', release, '--from', `./${release}`]);
    const rollback = runFleet(dir, ['rollback', '--to', 'base']);
    samples.push({ job: 'deploy', tool: 'fleet', timing: deploy });
    samples.push({ job: 'rollback', tool: 'fleet', timing: rollback });
  }
  return samples;
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

function runLoop(fleet: RealFleet, dir: string, args: readonly string[]): Timing {
  return timed([SSH_LOOP, 'hosts', fleet.identityFile, fleet.knownHostsFile, ...args], {
    cwd: dir,
  });
}

function print(samples: readonly Sample[], hosts: number): void {
  process.stdout.write(`\n${hosts} real hosts, medians; 1.6 MB and 200 files a release\n`);
  process.stdout.write('job       tool                   wall s   × loop   CPU ms a host, here\n');
  for (const job of ['deploy', 'rollback'] as const) {
    const medianOf = (tool: Tool, of: keyof Timing): number =>
      median(samples.filter((s) => s.job === job && s.tool === tool).map((s) => s.timing[of]));
    for (const tool of ['ssh loop', 'ssh loop, cheap kex', 'fleet'] as const) {
      const wall = medianOf(tool, 'wall');
      const ratio = wall / medianOf('ssh loop', 'wall');
      const cpu = (medianOf(tool, 'cpu') * 1000) / hosts;
      process.stdout.write(
        `${job.padEnd(9)} ${tool.padEnd(20)} ${wall.toFixed(2).padStart(8)} ` +
          `${ratio.toFixed(2).padStart(8)} ${cpu.toFixed(1).padStart(12)}\n`,
      );
    }
  }
}

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '3' },
  },
});

// The loop has no reset-failed, and would meet systemd's start limit.
const unit = defaultUnit('shop').replace('[Unit]', '[Unit]\nStartLimitIntervalSec=0');
// With the rights that the best kind of dead-man's switch takes: all that fleet does is measured.
const fleet = await bootRealFleet({
  count: Number(values.hosts),
  sudo: { systemdRun: true },
  units: { 'shop.service': unit },
});
try {
  print(measure(fleet, Number(values.rounds)), fleet.hosts.length);
} finally {
  await fleet.shutdown();
}

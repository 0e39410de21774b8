import { execFileSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchFolder } from '../run/bench-folder.js';
import { measure } from '../run/measure.js';
import { startSinks } from './sinks.js';

const FLEET = join(import.meta.dirname, '../../bin/fleet.js');
const MB = 1e6;
const FILES = 20;
/** What the bastion may take, whatever the number of hosts that are sent to at once. */
const LIMIT_MB = 150;

export interface UploadComparison {
  readonly hosts: number;
  readonly rounds: number;
  readonly megabytes: number;
  readonly tell: (line: string) => void;
}

/** A large release, sent to many hosts at once, that read it over SSH and keep nothing. */
export async function measureUploads(comparison: UploadComparison): Promise<string> {
  const { hosts, rounds, megabytes, tell } = comparison;
  const dir = mkdtempSync(join(tmpdir(), 'fleet-uploads-'));
  const folder = new BenchFolder(dir);
  writeNoise(join(dir, 'app'), megabytes * MB);
  const sinks = await startSinks(dir, hosts);
  const lines: string[] = [];
  try {
    for (let round = 1; round <= rounds; round += 1) {
      sinks.forget();
      const flags = ['--from', 'app', '--yes', '-f', String(hosts)];
      const argv = [process.execPath, FLEET, 'deploy', '-g', 'prod', ...flags];
      const { wall, cpu, largest } = await measure({ argv, cwd: dir, env: folder.env });
      const peak = largest / MB;
      const line = `${megabytes} MB to ${hosts} hosts: ${wall.toFixed(1)} s, CPU ${cpu.toFixed(1)} s, largest process ${peak.toFixed(0)} MB (limit ${LIMIT_MB} MB${peak < LIMIT_MB ? '' : ', not met'})`;
      tell(line);
      lines.push(`${line}\n`);
    }
    return lines.join('');
  } finally {
    await sinks.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** No packer makes it smaller, so that as much travels. */
function writeNoise(folder: string, bytes: number): void {
  mkdirSync(folder, { recursive: true });
  const block = Buffer.alloc(MB);
  for (let file = 0; file < FILES; file += 1) {
    const descriptor = openSync(join(folder, `noise${file}`), 'w');
    for (let written = 0; written < bytes / FILES; written += MB) {
      writeSync(descriptor, randomFillSync(block));
    }
    closeSync(descriptor);
  }
  execFileSync('sync', ['-f', folder]);
}

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';

/** What a reader must know of the machine, by the words of the report. */
export function machineFacts(): Readonly<Record<string, string>> {
  const system = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  const checkout = join(import.meta.dirname, '../..');
  const git = ['-C', checkout, 'describe', '--always', '--dirty=, changed'];
  return {
    CPU: `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    Memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    System: `${system ?? 'unknown'}, Linux ${release()}`,
    'Node.js': process.version,
    'Build of fleet': execFileSync('git', git, { encoding: 'utf8' }).trim(),
  };
}

import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../test/real/support/deadline.js';

const ROOT = '/sys/fs/cgroup';
// So that two benchmarks on one machine do not count, or end, each other's.
const NAME = `fleet-bench-${process.pid}`;

/** What the kernel has charged to all that ever ran in a group. */
export interface Charged {
  /** Seconds of CPU, in user and kernel mode. */
  readonly cpu: number;
  /** The most bytes at one time: what is not shared, the kernel's share, files first read here. */
  readonly memory: number;
}

/**
 * A control group for one command. It counts a whole tree of processes: also those that go on in
 * the background, which a parent's `times` knows nothing of.
 */
export class BenchCgroup {
  readonly #version2 = existsSync(join(ROOT, 'cgroup.controllers'));
  /** One folder for each counter; in version 2 it is one. */
  readonly folders: readonly string[];

  constructor() {
    if (this.#version2) {
      for (const folder of [ROOT, join(ROOT, NAME)]) {
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, 'cgroup.subtree_control'), '+cpu +memory');
      }
      this.folders = [join(ROOT, NAME, 'tool')];
    } else {
      this.folders = ['cpuacct', 'memory'].map((counter) => join(ROOT, counter, NAME));
    }
    for (const folder of this.folders) mkdirSync(folder, { recursive: true });
  }

  charged(): Charged {
    const [first = '', last = first] = this.folders;
    if (this.#version2) {
      const usec = /^usage_usec (\d+)$/m.exec(readFileSync(join(first, 'cpu.stat'), 'utf8'))?.[1];
      return { cpu: Number(usec) / 1e6, memory: numberIn(join(first, 'memory.peak')) };
    }
    return {
      cpu: numberIn(join(first, 'cpuacct.usage')) / 1e9,
      memory: numberIn(join(last, 'memory.max_usage_in_bytes')),
    };
  }

  /** Ends what a command left behind (Ansible's connections stay for a minute), and the group. */
  async remove(): Promise<void> {
    for (const folder of this.folders) {
      await until(10_000, `${folder} to be free`, () => {
        if (!existsSync(folder)) return true;
        const left = readFileSync(join(folder, 'cgroup.procs'), 'utf8').match(/\d+/g) ?? [];
        for (const pid of left) kill(Number(pid));
        return left.length === 0 && removed(folder);
      });
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function removed(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function numberIn(file: string): number {
  return Number(readFileSync(file, 'utf8'));
}

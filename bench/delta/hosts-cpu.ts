import { existsSync, readFileSync } from 'node:fs';

const ROOTS = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'];

/** Seconds of CPU that all hosts of a fleet have taken since they booted, by the kernel's account of their cgroups. */
export function hostsCpu({ slot }: { readonly slot: number }): number {
  const file = ROOTS.map((root) => `${root}/fleet-lab/${slot}/cpu.stat`).find(existsSync);
  const text = file === undefined ? '' : readFileSync(file, 'utf8');
  return Number(/^usage_usec (\d+)$/m.exec(text)?.[1] ?? Number.NaN) / 1e6;
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeRelease } from '../release.js';
import { HELD } from './releases.js';

/** `at-once` switches every host in one wave, `default` in those that fleet has by default. */
export type WaveKind = 'at-once' | 'default';

/** One command to measure. */
export interface Measurement {
  readonly job: 'deploy' | 'rollback';
  readonly hosts: number;
  readonly waves: WaveKind;
  readonly forks: number;
}

/** Writes what a user would write for so many hosts, and what is deployed. */
export function writeFleetFiles(dir: string, { hosts, waves }: Measurement): void {
  const policy =
    waves === 'at-once'
      ? '{ waves: [rest], max_unavailable: 100%, min_healthy_time: 0s }'
      : '{ min_healthy_time: 0s }';
  writeFileSync(
    join(dir, 'fleet.yaml'),
    `app: shop\nroot: /opt/shop\nservice: { unit: shop.service }\nrelease: { keep: 20 }\npolicy: ${policy}\n`,
  );
  mkdirSync(join(dir, 'inventories'), { recursive: true });
  writeFileSync(join(dir, 'inventories/prod.yaml'), inventoryOf(hosts));
  writeRelease(join(dir, 'release'), 'next');
}

/** Every host on a line of its own, with its address, as a fleet of some age has them. */
function inventoryOf(hosts: number): string {
  const lines = Array.from({ length: hosts }, (_, i) => {
    const address = `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;
    return `      - { name: web${i + 1}.example.com, address: ${address} }\n`;
  });
  return `ssh: { user: deploy }\ngroups:\n  prod:\n    hosts:\n${lines.join('')}`;
}

/** What is typed. */
export function argvOf({ job, forks }: Measurement): readonly string[] {
  const what = job === 'deploy' ? ['--from', './release'] : ['--to', HELD.before];
  return [job, ...what, '-g', 'prod', '--yes', '-f', String(forks)];
}

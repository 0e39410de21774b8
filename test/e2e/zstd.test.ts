import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scratchFolder } from '../artifact/support/scratch.js';
import { hostDevice } from '../real/support/network.js';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import type { RealHost } from '../real/support/real-host.js';
import { Bastion, type Ended } from './support/bastion.js';
import { exits } from './support/exit.js';
import { installNodes } from './support/nodes.js';
import { QUICK } from './support/policy.js';
import { lookAtAll } from './support/real-shop.js';
import { shop } from './support/shop-app.js';

const root = scratchFolder();
const GZIP = '1f8b';
const ZSTD = '28b52ffd';

/** A bastion on Node 22, whose zlib has zstd. h01 and h02 have the command `zstd`, h03 has none. */
describe('a bastion that can pack with zstd', () => {
  let fleet: RealFleet;
  let bastion: Bastion;

  beforeAll(async () => {
    const [node = ''] = installNodes(join(root, 'nodes'), ['22']);
    bastion = new Bastion({ node, config: { policy: { ...QUICK, waves: ['rest'] } } });
    fleet = await bootRealFleet({ count: 3, base: { packages: ['zstd'] } });
    bastion.use(fleet);
    for (const host of fleet.hosts) slowDown(host);
    await fleet.host('h03').run('rm /usr/bin/zstd');
    bastion.release(shop('one'));
    addPart('one');
  }, 600_000);
  afterAll(async () => {
    bastion.close();
    await fleet?.shutdown();
  });

  /** Hex digits, which are worth packing; 2 MiB packed. */
  const addPart = (name: string) =>
    bastion.write(`app/part-${name}`, randomBytes(2 * 1024 ** 2).toString('hex'));

  /** So that an archive can be looked at while it arrives. */
  function slowDown({ name }: RealHost): void {
    const rate = ['tbf', 'rate', '32mbit', 'burst', '64kb', 'latency', '50ms'];
    const device = hostDevice(`flab${fleet.slot}`, name);
    execFileSync('tc', ['qdisc', 'add', 'dev', device, 'root', ...rate]);
  }

  /** Deploys, and notes by which bytes the archives begin that the hosts receive meanwhile. */
  async function deploy(...limit: readonly string[]) {
    const run = bastion.start(['deploy', '-g', 'web', '--from', 'app', '--yes', ...limit]);
    let ended: Ended | null = null;
    const end = run.ended.then((value) => {
      ended = value;
    });
    const starts = new Map<string, string>();
    while (ended === null) {
      for (const host of fleet.hosts) {
        const start = startOfArchive(host);
        if (start !== null) starts.set(host.name, start);
      }
      await sleep(10);
    }
    await end;
    const { stdout, stderr } = await exits(0, ended);
    return { starts: Object.fromEntries(starts), said: stdout + stderr };
  }

  test('sends zstd where every host can unpack that', async () => {
    const { starts } = await deploy('-l', 'h01,h02');
    expect(starts).toEqual({ h01: ZSTD, h02: ZSTD });
  });

  test('sends zstd to those who build on the same release, and gzip to the one without', async () => {
    addPart('two');
    const { starts, said } = await deploy();
    expect(said).toMatch(/built on/);
    expect(starts).toEqual({ h01: ZSTD, h02: ZSTD, h03: GZIP });
  });

  test('sends one archive that all of a group can unpack', async () => {
    addPart('three');
    const { starts, said } = await deploy();
    expect(said).toMatch(/built on/);
    expect(starts).toEqual({ h01: GZIP, h02: GZIP, h03: GZIP });
    const links = (await lookAtAll(fleet.hosts)).map(({ link }) => link);
    expect(new Set(links).size).toBe(1);
    const verified = await exits(0, bastion.fleet(['status', '-g', 'web', '--verify', '--all']));
    expect(verified.stdout).toContain('Files of 8 releases on hosts: 8 as deployed.');
  });
});

/** The magic number of what a host is receiving; null if it receives nothing now. */
function startOfArchive({ rootfs }: RealHost): string | null {
  const folder = join(rootfs, 'opt/shop/.fleet');
  try {
    const [spool] = readdirSync(folder).filter((name) => name.startsWith('spool-'));
    if (spool === undefined) return null;
    const file = openSync(join(folder, spool), 'r');
    const bytes = Buffer.alloc(4);
    const read = readSync(file, bytes);
    closeSync(file);
    const start = bytes.toString('hex');
    return read < 4 ? null : start.startsWith(GZIP) ? GZIP : start;
  } catch {
    // Moved into place meanwhile.
    return null;
  }
}

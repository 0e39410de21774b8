import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LARGE, writeLarge, writeNext } from '../../bench/delta/large-release.js';
import { hostDevice } from '../real/support/network.js';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import type { RealHost } from '../real/support/real-host.js';
import { Bastion } from './support/bastion.js';
import { exits } from './support/exit.js';
import { QUICK } from './support/policy.js';

const BYTES = LARGE.files * LARGE.fileBytes;

/** 2,000 files and 50 MB, of which one in twenty changes from one release to the next. */
describe('a release that differs little from the one before', () => {
  let fleet: RealFleet;
  const bastion = new Bastion({ config: { policy: { ...QUICK, waves: ['rest'] } } });
  const folder = (release: string) => join(bastion.dir, 'releases', release);

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 2 });
    bastion.use(fleet);
    writeLarge(folder('base'));
    const [whole = 0] = await sentBy(() => deploy('base'));
    expect(whole).toBeGreaterThan(BYTES * 0.4);
  });
  afterAll(async () => {
    bastion.close();
    await fleet?.shutdown();
  });

  const deploy = (release: string) => exits(0, bastion.fleet(deployArgs(release, folder(release))));

  /** What was sent to each host meanwhile, in bytes, with all headers. */
  async function sentBy(work: () => Promise<unknown>): Promise<readonly number[]> {
    const before = fleet.hosts.map(sentTo);
    await work();
    return fleet.hosts.map((host, index) => sentTo(host) - (before[index] ?? 0));
  }

  function sentTo({ name }: RealHost): number {
    const device = hostDevice(`flab${fleet.slot}`, name);
    return Number(readFileSync(`/sys/class/net/${device}/statistics/tx_bytes`, 'utf8'));
  }

  const releaseOn = (host: RealHost, release: string) =>
    join(host.rootfs, 'opt/shop/releases', release);

  function expectOnAll(release: string): void {
    const made = contentsOf(folder(release));
    for (const host of fleet.hosts) expect(contentsOf(releaseOn(host, release))).toEqual(made);
  }

  test('costs at most 8 % of its bytes on the wire, and is the same on every host', async () => {
    writeNext(folder('base'), folder('one'), 'one');
    const sent = await sentBy(() => deploy('one'));
    const parts = sent.map((bytes) => bytes / BYTES);
    console.log(`sent: ${parts.map((part) => `${(100 * part).toFixed(1)} %`).join(', ')}`);
    for (const part of parts) expect(part).toBeLessThan(0.08);
    expectOnAll('one');
    const verified = await exits(0, bastion.fleet(['status', '-g', 'web', '--verify', '--all']));
    expect(verified.stdout).toContain('Files of 4 releases on hosts: 4 as deployed.');
  });

  test('is sent whole to the one host whose base was changed, with times and sizes put back', async () => {
    const path = 'lib/part7/module7.txt';
    const file = `/opt/shop/current/${path}`;
    const swap = `cp -p ${file} /root/kept && tr 0-9 a-j </root/kept >${file} && touch -r /root/kept ${file}`;
    await fleet.host('h02').run(swap);
    writeNext(folder('one'), folder('two'), 'two');
    const [first = 0, second = 0] = await sentBy(async () => {
      const { stderr, stdout } = await deploy('two');
      expect(`${stdout}${stderr}`).toMatch(
        new RegExp(`h02: .*${path}.*; the whole release is sent`),
      );
    });
    expect(first).toBeLessThan(BYTES * 0.08);
    expect(second).toBeGreaterThan(BYTES * 0.4);
    expectOnAll('two');
  });

  test('is sent as a delta where an app has only added files to the base', async () => {
    await fleet
      .host('h01')
      .run('mkdir /opt/shop/current/cache && echo x >/opt/shop/current/cache/x');
    rmSync(join(folder('two'), 'lib/part9'), { recursive: true });
    writeNext(folder('two'), folder('three'), 'three');
    const sent = await sentBy(() => deploy('three'));
    for (const bytes of sent) expect(bytes).toBeLessThan(BYTES * 0.08);
    expectOnAll('three');
  });
});

const deployArgs = (release: string, from: string): string[] => [
  ...['deploy', '-g', 'web', '--yes', '--release', release, '--from', from],
];

/** Kind, mode and content of all that is in a folder, but fleet's own version.json. */
function contentsOf(folder: string): Readonly<Record<string, string>> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const kept = paths.filter((path) => path !== 'version.json');
  return Object.fromEntries(kept.map((path) => [path, describeFile(join(folder, path))]));
}

function describeFile(file: string): string {
  const stat = lstatSync(file);
  const mode = (stat.mode & 0o7777).toString(8);
  if (stat.isDirectory()) return `folder ${mode}`;
  return `file ${mode} ${createHash('sha256').update(readFileSync(file)).digest('hex')}`;
}

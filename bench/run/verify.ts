import { readdirSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RealHost } from '../../test/real/support/real-host.js';
import { RELEASE_FILES } from '../release.js';

/** Hosts whose running process is looked at as well; more would take longer than the tools do. */
const SAMPLE = 10;

const AT_ONCE = 8;

/**
 * Throws unless the work is done: the link of every host, and on a sample of them the files of the
 * release and the folder that the unit's process runs in. As root, with nothing of any tool.
 */
export async function verifyDone(hosts: readonly RealHost[], release: string): Promise<void> {
  for (const host of hosts) {
    const link = readlinkSync(join(host.rootfs, 'opt/shop/current')).replace(/\/$/, '');
    if (link !== `releases/${release}`) throw new Error(`${host.name}: current is ${link}`);
  }
  await Promise.all(sampleOf(hosts).map((host) => verifyRunning(host, release)));
}

async function verifyRunning(host: RealHost, release: string): Promise<void> {
  const { stdout } = await host.run(
    'readlink /proc/$(systemctl show -p MainPID --value shop.service)/cwd',
  );
  const folder = `/opt/shop/releases/${release}`;
  if (stdout.trim() !== folder) throw new Error(`${host.name}: runs in ${stdout}, not ${folder}`);
  const parts = readdirSync(join(host.rootfs, folder), { recursive: true, withFileTypes: true });
  const files = parts.filter((part) => part.isFile() && part.name !== 'version.json').length;
  if (files !== RELEASE_FILES) throw new Error(`${host.name}: ${files} files in ${folder}`);
}

/** Takes a release off again that none runs, so that no tool has to live with those of another. */
export function removeRelease(hosts: readonly RealHost[], release: string): void {
  for (const { rootfs } of hosts) {
    for (const folder of [
      'opt/shop/releases',
      'opt/shop/.fleet/releases',
      'opt/shop/.fleet/manifests',
    ]) {
      rmSync(join(rootfs, folder, release), { recursive: true, force: true });
    }
  }
}

/**
 * Stops the timers of fleet's switches, which are over: two minutes later they would find nothing to do,
 * in the time of whichever tool has its turn then.
 */
export async function stopTimers(hosts: readonly RealHost[]): Promise<void> {
  for (let at = 0; at < hosts.length; at += AT_ONCE) {
    const some = hosts.slice(at, at + AT_ONCE);
    await Promise.all(some.map((host) => host.run("systemctl stop 'fleet-*.timer'")));
  }
}

/** Puts all hosts on a release, whatever a tool has left. */
export async function putBack(hosts: readonly RealHost[], release: string): Promise<void> {
  const script = `cd /opt/shop && rm -f .next && ln -s releases/${release} .next &&
    mv -T .next current && systemctl restart shop.service`;
  for (const host of hosts) await host.run(script);
}

function sampleOf(hosts: readonly RealHost[]): readonly RealHost[] {
  const every = Math.max(1, Math.ceil(hosts.length / SAMPLE));
  return hosts.filter((_, index) => index % every === 0);
}

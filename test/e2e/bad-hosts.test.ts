import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ExitCode } from '../../src/errors/codes.js';
import { makeKey } from '../real/support/host-files.js';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import type { RealHost } from '../real/support/real-host.js';
import { Bastion, type Ended } from './support/bastion.js';
import { exits } from './support/exit.js';
import { QUICK } from './support/policy.js';
import { lookAt, type Sight, wipe } from './support/real-shop.js';
import { dyingShop, shop } from './support/shop-app.js';

const DEPLOY = ['deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes'];

/** Each test makes h02 sick. h01 and h03 are healthy, and must stay as they were. */
describe('one bad host among good ones', () => {
  let fleet: RealFleet;
  let sick: RealHost;
  let bastion: Bastion;
  let before: readonly Sight[];

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 3 });
    sick = fleet.host('h02');
  });
  beforeEach(async () => {
    bastion = new Bastion({ config: { policy: QUICK } }).use(fleet, { connect_timeout: '2s' });
    bastion.release(shop('good'));
    before = await neighbours();
  });
  afterEach(async () => {
    bastion.close();
    await wipe(fleet.hosts);
  });
  afterAll(() => fleet?.shutdown());

  const neighbours = () =>
    Promise.all([fleet.host('h01'), fleet.host('h03')].map((host) => lookAt(host)));

  /** The deploy is refused before anything is written, and the message names the host. */
  async function expectRefused(code: ExitCode, words: RegExp, run?: Ended): Promise<Ended> {
    const ended = await exits(code, run ?? bastion.fleet(DEPLOY));
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toMatch(/h02|h\[01:03\]/);
    expect(ended.stderr).toMatch(words);
    expect(await neighbours()).toEqual(before);
    for (const host of fleet.hosts) {
      const { stdout } = await host.run('ls -A /opt/shop/releases /opt/shop/.fleet 2>/dev/null');
      expect(host === sick ? '' : stdout).toBe('');
    }
    return ended;
  }

  test('a folder in place of `current` is neither followed nor deleted', async () => {
    await sick.ssh('mkdir /opt/shop/current && echo mine > /opt/shop/current/file');
    await expectRefused(
      2,
      /\/opt\/shop\/current is a folder[\s\S]*mv current releases\/before-fleet/,
    );
    expect((await sick.ssh('ls -A /opt/shop; cat /opt/shop/current/file')).stdout).toBe(
      'current\nmine\n',
    );
  });

  test.each(['../shop-v1', '/srv/was here'])(
    'a link to %s, which leads nowhere, is shown, and restored when the release dies',
    async (target) => {
      await sick.ssh(`ln -s '${target}' /opt/shop/current`);
      bastion.release(dyingShop('bad'));
      const ended = await exits(4, bastion.fleet(DEPLOY));
      expect(ended.stderr).toContain(`h02: a link to ${target}, which leads nowhere: no rollback`);
      expect((await sick.ssh('readlink /opt/shop/current')).stdout.trim()).toBe(target);
    },
  );

  test('a root that the login user cannot write', async () => {
    await sick.run('chown root /opt/shop');
    await expectRefused(
      2,
      /cannot be written by deploy[\s\S]*sudo mkdir -p \/opt\/shop && sudo chown -h deploy \/opt\/shop/,
    );
    await sick.run('chown deploy /opt/shop');
  });

  test('a sudo that asks for a password', async () => {
    await sick.run(
      'mv /etc/sudoers.d/deploy /root/; echo "deploy ALL=(root) ALL" > /etc/sudoers.d/other',
    );
    await expectRefused(
      2,
      /sudo does not list without a password[\s\S]*deploy ALL=\(root\) NOPASSWD: \/usr\/bin\/systemctl restart shop.service/,
    );
    await sick.run('rm /etc/sudoers.d/other; mv /root/deploy /etc/sudoers.d/');
  });

  test('a unit that does not exist', async () => {
    await sick.run('mv /etc/systemd/system/shop.service /root/; systemctl daemon-reload');
    await expectRefused(2, /shop\.service[\s\S]*daemon-reload/);
    await sick.run('mv /root/shop.service /etc/systemd/system/; systemctl daemon-reload');
  });

  test('a unit that is masked', async () => {
    await sick.run('mv /etc/systemd/system/shop.service /root/; systemctl mask shop.service');
    await expectRefused(2, /shop\.service is masked[\s\S]*sudo systemctl unmask shop\.service/);
    await sick.run(
      'rm /etc/systemd/system/shop.service; mv /root/shop.service /etc/systemd/system/; systemctl daemon-reload',
    );
  });

  test('a disk that is too full for the release', async () => {
    await sick.run('mount -t tmpfs -o size=20m,uid=1000 tmpfs /opt/shop');
    await expectRefused(2, /(19|20) MiB free under \/opt\/shop, \d+ MiB needed/);
    await sick.run('umount /opt/shop');
  });

  test('a disk with too few inodes for the release', async () => {
    await sick.run('mount -t tmpfs -o size=90m,nr_inodes=40,uid=1000,mode=755 tmpfs /opt/shop');
    const many = Object.fromEntries(
      Array.from({ length: 60 }, (_, n) => [`public/${n}`, `${n}\n`]),
    );
    bastion.release({ ...shop('large'), ...many });
    await expectRefused(2, /\d+ inodes left under \/opt\/shop, \d+ needed/);
    await sick.run('umount /opt/shop');
  });

  test('folders in releases/ that fleet did not make are ignored, and never deleted', async () => {
    await sick.ssh(
      'mkdir -p /opt/shop/releases/20190101 /opt/shop/releases/v1.old && touch /opt/shop/releases/v1.old/f',
    );
    bastion.configure({ policy: { ...QUICK, min_healthy_time: '100ms' }, release: { keep: 1 } });
    for (const page of ['1', '2', '3', '4']) {
      bastion.release(shop(page));
      await exits(0, bastion.fleet([...DEPLOY, '-l', 'h02']));
    }
    const releases = (await bastion.fleet(['releases', '-g', 'web', '--json'])).json().releases;
    expect(JSON.stringify(releases)).not.toMatch(/20190101|v1\.old/);
    const left = (await sick.ssh('ls /opt/shop/releases')).stdout.trim().split('\n');
    expect(left).toEqual(expect.arrayContaining(['20190101', 'v1.old']));
    expect(left).toHaveLength(4);
    expect((await sick.ssh('ls /opt/shop/releases/v1.old')).stdout).toBe('f\n');
  });

  test('a folder with the name of the new release', async () => {
    await sick.ssh('mkdir -p /opt/shop/releases/r1 && touch /opt/shop/releases/r1/mine');
    const run = await bastion.fleet([...DEPLOY, '--release', 'r1']);
    expect(run).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/h02[\s\S]*fleet did not make it/),
    });
    expect(await neighbours()).toEqual(before);
    expect((await sick.ssh('ls /opt/shop/releases/r1')).stdout).toBe('mine\n');
  });

  describe('that cannot be reached', () => {
    test('a changed host key', async () => {
      changeKnownHosts((lines) =>
        lines.map((line) =>
          line.startsWith(`${sick.address} `) ? `${sick.address} ${keyOf('h01')}` : line,
        ),
      );
      await expectRefused(9, /host key[\s\S]*changed|changed[\s\S]*host key/i);
    });

    test('an unknown host key', async () => {
      changeKnownHosts((lines) => lines.filter((line) => !line.startsWith(`${sick.address} `)));
      await expectRefused(9, /known_hosts/);
    });

    test('an unknown host key is recorded once with accept-new', async () => {
      changeKnownHosts((lines) => lines.filter((line) => !line.startsWith(`${sick.address} `)), {
        host_keys: 'accept-new',
      });
      await exits(0, bastion.fleet(['status', '-g', 'web']));
      expect(readFileSync(join(bastion.dir, 'known_hosts'), 'utf8')).toContain(sick.address);
    });

    test('a key that the host does not know', async () => {
      await makeKey(join(bastion.dir, 'other'));
      bastion.use(fleet, { identity_file: join(bastion.dir, 'other') });
      await expectRefused(9, /refused every key offered[\s\S]*authorized_keys/);
    });

    test('a key file that is missing, or is not a key', async () => {
      bastion.use(fleet, { identity_file: bastion.write('none', 'no key\n') });
      await expectRefused(9, /none/);
    });

    test('a host that is down stops the run, or is skipped if the policy allows it', async () => {
      await sick.linkDown();
      await expectRefused(9, /did not accept the connection within 2 s|cannot be reached/);
      bastion.configure({ policy: { ...QUICK, tolerate_unreachable: 1 } });
      const run = await bastion.fleet([...DEPLOY, '--json']);
      await sick.linkUp();
      await exits(3, run);
      const states = run
        .json()
        .hosts.map(({ host, state }: Record<string, string>) => `${host} ${state}`);
      expect(states.toSorted()).toEqual(['h01 done', 'h02 skipped', 'h03 done']);
    });

    test('a host that accepts the connection and sends nothing', async () => {
      await sick.run('pkill -STOP -x sshd');
      const started = performance.now();
      await expectRefused(9, /accepted the connection but said nothing within 2 s/);
      expect(performance.now() - started).toBeLessThan(15_000);
      await sick.run('pkill -CONT -x sshd');
    });

    test('an sshd that is stopped', async () => {
      await sick.run('systemctl stop ssh');
      await expectRefused(9, /refuses connections[\s\S]*sshd/);
      await sick.run('systemctl start ssh');
    });
  });

  function changeKnownHosts(
    change: (lines: readonly string[]) => readonly string[],
    ssh = {},
  ): void {
    const lines = readFileSync(fleet.knownHostsFile, 'utf8').trim().split('\n');
    const file = bastion.write('known_hosts', `${change(lines).join('\n')}\n`);
    bastion.use(fleet, { known_hosts: file, ...ssh });
  }

  function keyOf(name: string): string {
    const { address } = fleet.host(name);
    const lines = readFileSync(fleet.knownHostsFile, 'utf8').split('\n');
    return lines.find((line) => line.startsWith(`${address} `))?.slice(address.length + 1) ?? '';
  }
});

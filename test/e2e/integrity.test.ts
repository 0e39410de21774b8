import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExitCode } from '../../src/errors/codes.js';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import { Bastion } from './support/bastion.js';
import { exits } from './support/exit.js';
import { QUICK } from './support/policy.js';
import { lookAtAll } from './support/real-shop.js';
import { shop } from './support/shop-app.js';

/** Three hosts with two releases; someone edits files of both on h02. */
describe('files that someone changed on a real host', () => {
  let fleet: RealFleet;
  const bastion = new Bastion({
    config: { policy: { ...QUICK, waves: [1, 'rest'], max_unavailable: '100%' } },
  });
  const releases: string[] = [];

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 3 });
    bastion.use(fleet);
    for (const files of [shop('one'), shop('two')]) {
      bastion.release(files);
      const args = ['deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes', '--json'];
      releases.push((await exits(0, bastion.fleet(args))).json().release);
    }
  });
  afterAll(async () => {
    bastion.close();
    await fleet?.shutdown();
  });

  const status = (code: ExitCode, ...args: readonly string[]) =>
    exits(code, bastion.fleet(['status', '-g', 'web', '--verify', ...args]));
  const onH02 = (script: string) => fleet.host('h02').run(script);

  test('are not there after a deploy, in any release', async () => {
    const { stdout } = await status(0, '--all');
    expect(stdout).toContain('Files of 6 releases on hosts: 6 as deployed.');
  });

  test('are shown by status --verify, file by file, with exit code 4', async () => {
    const file = (
      await onH02('cd /opt/shop/current && ls | grep -v version.json | head -n 1')
    ).stdout.trim();
    await onH02(
      `cp -a /opt/shop/current/${file} /root/kept; echo '# by hand' >>/opt/shop/current/${file}`,
    );
    await onH02('touch "/opt/shop/current/a cache"');
    const { hosts } = (await status(4, '--json')).json();
    expect(hosts).toMatchObject([
      { host: 'h01', verified: [{ state: 'intact' }] },
      {
        host: 'h02',
        verified: [
          {
            release: releases[1],
            state: 'drifted',
            differences: expect.arrayContaining([
              { path: file, what: 'changed' },
              { path: 'a cache', what: 'added' },
            ]),
          },
        ],
      },
      { host: 'h03', verified: [{ state: 'intact' }] },
    ]);
    await onH02(`cp -a /root/kept /opt/shop/current/${file}; rm "/opt/shop/current/a cache"`);
    await status(0);
  });

  test('refuse a rollback to their release, with nothing changed', async () => {
    const first = `/opt/shop/releases/${releases[0]}`;
    const file = (
      await onH02(`cd ${first} && ls | grep -v version.json | head -n 1`)
    ).stdout.trim();
    await onH02(`cp -a ${first}/${file} /root/kept; echo '# by hand' >>${first}/${file}`);
    const hosts = [fleet.host('h01'), fleet.host('h02'), fleet.host('h03')];
    const before = await lookAtAll(hosts);
    const states = await Promise.all(hosts.map((host) => host.run('cat /opt/shop/.fleet/state')));
    const refused = await exits(2, bastion.fleet(['rollback', '-g', 'web', '--yes']));
    expect(refused.stderr).toContain(
      `h02: release ${releases[0]} is not as it was deployed: ${file} changed`,
    );
    expect(refused.stderr).toContain('release_drifted');
    expect(await lookAtAll(hosts)).toEqual(before);
    const after = await Promise.all(hosts.map((host) => host.run('cat /opt/shop/.fleet/state')));
    expect(after.map(({ stdout }) => stdout)).toEqual(states.map(({ stdout }) => stdout));
    await onH02(`cp -a /root/kept ${first}/${file}`);
  });

  test('do not stop a rollback once they are as before, also if all contents are read', async () => {
    await exits(0, bastion.fleet(['rollback', '-g', 'web', '--verify', '--yes']));
    const links = (await lookAtAll([fleet.host('h01'), fleet.host('h02')])).map(({ link }) => link);
    expect(links).toEqual(Array(2).fill(`releases/${releases[0]}`));
  });
});

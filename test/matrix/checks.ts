import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXIT } from '../../src/errors/codes.js';
import type { Ended } from '../e2e/support/bastion.js';
import { exits } from '../e2e/support/exit.js';
import { dyingShop, shop } from '../e2e/support/shop-app.js';
import { ForeignHost } from './foreign-host.js';
import type { Row } from './row.js';

/** What each host is put through, from outside of it. `packages` are those of its base image. */
export function checkRow(row: Row, packages: readonly string[]): void {
  describe(row.name, () => {
    const foreign = new ForeignHost(row);
    beforeAll(() => foreign.boot(packages), 900_000);
    afterAll(() => foreign.close());
    if (row.expect.kind === 'works') works(foreign, row.expect.paste === true);
    else isRefused(foreign, row.expect);
  });
}

function works(foreign: ForeignHost, paste: boolean): void {
  const links: string[] = [];

  if (paste) {
    test('doctor names what lacks, and what it prints is all that an admin has to do', async () => {
      const failures = await foreign.paste(await exits(2, foreign.doctor()));
      expect(failures).toEqual([]);
    });
  }

  test('doctor finds nothing in the way, and two releases are deployed', async () => {
    await exits(0, foreign.doctor());
    for (const page of ['one', 'two']) {
      await exits(0, foreign.deploy(shop(page)));
      const sight = await foreign.look();
      expect(sight.active).toBe('active');
      links.push(sight.link);
    }
    expect(new Set(links).size).toBe(2);
  });

  test('a release that dies is rolled back', async () => {
    await exits(4, foreign.deploy(dyingShop('bad')));
    expect(await foreign.look()).toMatchObject({ link: links[1], active: 'active' });
  });

  test('a rollback goes where it is told', async () => {
    const to = links[0]?.replace('releases/', '') ?? '';
    await exits(0, foreign.bastion.fleet(['rollback', '-g', 'web', '--to', to, '--yes']));
    expect(await foreign.look()).toMatchObject({ link: links[0], active: 'active' });
  });

  test('a controller that was killed in mid-switch is recovered from', async () => {
    await foreign.killInMidSwitch(shop('three'));
    await exits(0, foreign.bastion.fleet(['recover', '--yes']));
    expect(await foreign.look()).toMatchObject({ link: links[0], active: 'active' });
  });

  test('the timer on the host rolls back when fleet is never heard of again', async () => {
    await foreign.killInMidSwitch(shop('four'), () => foreign.host.linkDown());
    const sight = await foreign.settles(
      ({ link, active }) => link === links[0] && active === 'active',
      60_000,
    );
    await foreign.host.linkUp();
    expect(sight).toMatchObject({ link: links[0], active: 'active' });
  });

  test('a delta is deployed, a changed base is seen, and a rollback verifies and restores', async () => {
    await exits(0, foreign.bastion.fleet(['recover', '-g', 'web', '--yes']));
    await foreign.keepBackups();
    const said = ({ stdout, stderr }: Ended) => `${stdout}${stderr}`;
    await exits(0, foreign.deployLarge('base'));
    const delta = await exits(0, foreign.deployLarge('delta'));
    expect(said(delta)).toContain('built on base');
    expect(said(delta)).not.toContain('the whole release is sent');
    await isAsDeployed(foreign);
    await foreign.host.run(SWAP);
    const whole = await exits(0, foreign.deployLarge('whole'));
    expect(said(whole)).toMatch(/part 7.txt.*; the whole release is sent/);
    const drifted = await exits(4, foreign.bastion.fleet(VERIFY));
    expect(said(drifted)).toContain('part 7.txt');
    await foreign.host.run(
      'cp -p /root/kept "/opt/shop/releases/delta/lib/part 7.txt"; echo second >/opt/shop/shared/conf/mode',
    );
    await isAsDeployed(foreign);
    const back = ['rollback', '-g', 'web', '--verify', '--restore-backup', '--yes'];
    await exits(0, foreign.bastion.fleet(back));
    expect(await foreign.look()).toMatchObject({ link: 'releases/delta', active: 'active' });
    const { stdout } = await foreign.host.run('cat /opt/shop/shared/conf/mode');
    expect(stdout).toBe('first\n');
  });
}

const VERIFY = ['status', '-g', 'web', '--verify', '--all'];
/** Other content in a file of the current release, with size and times as before. */
const SWAP = `cd /opt/shop/current/lib && cp -p 'part 7.txt' /root/kept &&
  tr 0-9 a-j </root/kept >'part 7.txt' && touch -r /root/kept 'part 7.txt'`;

async function isAsDeployed({ bastion }: ForeignHost): Promise<void> {
  const { stdout } = await exits(0, bastion.fleet(VERIFY));
  expect(stdout).toMatch(/Files of (\d+) releases on hosts: \1 as deployed/);
}

function isRefused(foreign: ForeignHost, expected: { says: RegExp; remedy?: string }): void {
  test('doctor and deploy refuse, and nothing has moved', async () => {
    const before = await foreign.look();
    const doctor = await foreign.doctor();
    expect<(number | null)[]>(
      [EXIT.refused, EXIT.preflight],
      doctor.stdout + doctor.stderr,
    ).toContain(doctor.code);
    expect(doctor.stdout + doctor.stderr).toMatch(expected.says);
    const deploy = await foreign.deploy(shop('one'));
    expect<(number | null)[]>(
      [EXIT.refused, EXIT.preflight],
      deploy.stdout + deploy.stderr,
    ).toContain(deploy.code);
    expect(deploy.stdout + deploy.stderr).toMatch(expected.says);
    expect(await foreign.look()).toEqual(before);
  });

  const { remedy } = expected;
  if (remedy === undefined) return;
  test('what fleet says to do makes it work', async () => {
    const { code, stderr } = await foreign.host.run(remedy);
    expect(code, stderr).toBe(0);
    await exits(0, foreign.deploy(shop('one')));
    expect((await foreign.look()).active).toBe('active');
  });
}

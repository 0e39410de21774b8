import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import { Bastion } from './support/bastion.js';
import { CAPISTRANO_PACKAGES, Capistrano } from './support/capistrano.js';
import { exits } from './support/exit.js';
import { QUICK } from './support/policy.js';
import { lookAtAll } from './support/real-shop.js';
import { dyingShop, shop } from './support/shop-app.js';

const DEPLOY = ['deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes'];

describe('hosts that Capistrano deployed', () => {
  const bastion = new Bastion({ config: { policy: QUICK } });
  let fleet: RealFleet;
  let capistrano: Capistrano;
  let before: readonly string[];

  const links = async () => (await lookAtAll(fleet.hosts)).map(({ link }) => link);

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 3, base: { packages: CAPISTRANO_PACKAGES } });
    bastion.use(fleet);
    capistrano = new Capistrano(fleet);
    await capistrano.deploy(shop('of Capistrano'));
    before = await links();
    expect(before[0]).toMatch(/^\/opt\/shop\/releases\/\d{14}$/);
  });
  afterAll(async () => {
    capistrano?.close();
    bastion.close();
    await fleet?.shutdown();
  });

  const serves = async (page: string) => {
    for (const host of fleet.hosts) {
      const { stdout } = await host.run('busybox wget -q -O - http://127.0.0.1:8080/');
      expect(stdout).toBe(`${page}\n`);
    }
  };

  test('roll back to that same release if the first one of fleet dies', async () => {
    bastion.release(dyingShop('bad'));
    await exits(4, bastion.fleet(DEPLOY));
    expect(await links()).toEqual(before);
    await serves('of Capistrano');
  });

  test('are rolled back to it by the command that fleet prints', async () => {
    bastion.release(shop('of fleet'));
    const deployed = await exits(0, bastion.fleet(DEPLOY));
    await serves('of fleet');
    const said = deployed.stdout + deployed.stderr;
    const [, command = ''] = /fleet (rollback .*--to \S+)/.exec(said) ?? [];
    expect(command, said).not.toBe('');
    await exits(0, bastion.fleet([...command.split(' '), '--yes']));
    expect(await links()).toEqual(before);
    await serves('of Capistrano');
  });

  test('may be deployed by Capistrano again, and by fleet after that', async () => {
    await capistrano.deploy(shop('of Capistrano again'));
    await serves('of Capistrano again');
    const again = await links();
    bastion.release(dyingShop('bad again'));
    await exits(4, bastion.fleet(DEPLOY));
    expect(await links()).toEqual(again);
    await serves('of Capistrano again');
  });
});

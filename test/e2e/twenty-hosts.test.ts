import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OUTPUT_SCHEMAS } from '../../src/ui/json-schema.js';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import { Bastion } from './support/bastion.js';
import { exits } from './support/exit.js';
import { QUICK } from './support/policy.js';
import { lookAtAll } from './support/real-shop.js';
import { dyingShop, shop } from './support/shop-app.js';

const HOSTS = 20;
const DEPLOY = ['deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes', '--json'];

describe('a fleet of twenty', () => {
  let fleet: RealFleet;
  const bastion = new Bastion({ config: { policy: QUICK } });
  const commits: string[] = [];

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: HOSTS });
    bastion.use(fleet);
  });
  afterAll(async () => {
    bastion.close();
    await fleet?.shutdown();
  });

  /** What fleet says of each host, and what is seen there without it, are the same. */
  async function expectAllOn(commit: string): Promise<void> {
    const status = await bastion.fleet(['status', '-g', 'web', '--json']);
    expect(status).toMatchObject({ code: 0, stderr: '' });
    const { hosts } = OUTPUT_SCHEMAS.status.options[0].parse(status.json());
    const sights = await lookAtAll(fleet.hosts);
    expect(sights).toHaveLength(HOSTS);
    for (const [index, sight] of sights.entries()) {
      const release = sight.link.replace('releases/', '');
      expect(sight).toMatchObject({
        link: `releases/${release}`,
        version: { schema: 1, app: 'shop', commit },
        active: 'active',
        cwd: `/opt/shop/releases/${release}`,
      });
      expect(hosts[index]).toEqual({
        host: fleet.hosts[index]?.name,
        reachable: true,
        release,
        commit,
        phase: 'idle',
        unit: { active: 'active', sub: 'running', mainPid: sight.mainPid },
        serving: release,
        drift: null,
        servingBy: 'process',
        linkMoved: false,
        restartPending: false,
        restarted: false,
        unitFiles: [],
      });
    }
  }

  test.each([1, 2])('deploys release %i to every host', async (number) => {
    const commit = bastion.release(shop(`release ${number}`));
    commits.push(commit);
    const run = await exits(0, bastion.fleet(DEPLOY));
    const body = OUTPUT_SCHEMAS.deploy.parse(run.json());
    expect(body).toMatchObject({ state: 'succeeded', exitCode: 0, kind: 'deploy', group: 'web' });
    expect(body.waves.map(({ hosts }) => hosts.length)).toEqual([1, 10, 9]);
    expect(body.hosts.every(({ state }) => state === 'done')).toBe(true);
    await expectAllOn(commit);
  });

  test('does nothing if everything is as it should be', async () => {
    const run = await exits(0, bastion.fleet(DEPLOY));
    expect(OUTPUT_SCHEMAS.deploy.parse(run.json())).toMatchObject({ state: 'succeeded' });
  });

  test('rolls back to the first by a prefix of its commit', async () => {
    const [first = ''] = commits;
    const args = ['rollback', '-g', 'web', '--to', first.slice(0, 8), '--yes', '--json'];
    const run = await exits(0, bastion.fleet(args));
    expect(OUTPUT_SCHEMAS.rollback.parse(run.json())).toMatchObject({ state: 'succeeded' });
    await expectAllOn(first);
  });

  test('rolls the canary back when the release dies 300 ms after its start, and touches no other', async () => {
    const before = await lookAtAll(fleet.hosts);
    bastion.release(dyingShop('release 3'));
    const run = await exits(4, bastion.fleet(DEPLOY));
    const body = OUTPUT_SCHEMAS.deploy.parse(run.json());
    expect(body).toMatchObject({ state: 'rolled_back', exitCode: 4 });
    expect(body.hosts[0]).toMatchObject({
      host: 'h01',
      state: 'reverted',
      error: { code: 'unit_unhealthy', step: 'verify' },
    });
    expect(run.stderr).toMatch(/h01/);
    expect(run.stderr).toMatch(/verify/);
    expect(run.stderr).toContain('exit status 7');
    expect(run.stderr).toContain('shop: no such table: orders');

    const after = await lookAtAll(fleet.hosts);
    expect(after.slice(1)).toEqual(before.slice(1));
    expect(after[0]).toMatchObject({
      link: before[0]?.link,
      cwd: before[0]?.cwd,
      active: 'active',
    });
    await expectAllOn(commits[0] ?? '');
  });

  test('refuses to roll back to a release that was rolled back, unless forced', async () => {
    const bad = bastion.git('rev-parse', 'HEAD').trim();
    const run = await bastion.fleet(['rollback', '-g', 'web', '--to', bad, '--yes']);
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining('--force') });
  });
});

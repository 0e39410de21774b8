import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { OUTPUT_SCHEMAS } from '../../src/ui/json-schema.js';
import { bootRealFleet, type RealFleet } from '../lab/real-fleet.js';
import type { RealHost } from '../lab/real-host.js';
import { Bastion } from './bastion.js';
import { exits } from './exit.js';
import { lookAtAll, wipe } from './real-shop.js';
import { fragileShop, SICK_FILE, shop } from './shop-app.js';

/** Three waves: h01, then h02 h03 h04, then h05 h06. In the second, h03 dies and h04 loses contact. */
const POLICY = {
  waves: [1, 3, 'rest'],
  max_unavailable: '100%',
  min_healthy_time: '900ms',
  healthy_deadline: '6s',
  confirm_deadline: '8s',
};
const DEPLOY = ['deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes'];

describe('a failure in the second wave, with other hosts in flight', () => {
  let fleet: RealFleet;
  const bastion = new Bastion();

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 6 });
    bastion.use(fleet, { connect_timeout: '2s', keepalive: '1s' });
  });
  afterEach(() => wipe(fleet.hosts));
  afterAll(async () => {
    bastion.close();
    await fleet?.shutdown();
  });

  /** Deploys a first release, and then one that h03 does not stand while h04 is out of reach. */
  async function deployWithTroubles(policy: string, reachable: 'again' | 'never') {
    bastion.configure({ policy: { ...POLICY, on_failure: policy } });
    bastion.release(shop('old'));
    await exits(0, bastion.fleet(DEPLOY));
    await fleet.host('h03').run(['touch', SICK_FILE]);
    bastion.release(fragileShop('new'));
    const run = bastion.start([...DEPLOY, '--output', 'ndjson']);
    await run.says(/"host":"h04","note":"linked/);
    await hangUp(fleet.host('h04'));
    if (reachable === 'again') {
      await run.says(/"type":"stopped"/);
      await answer(fleet.host('h04'));
    }
    const ended = await run.ended;
    const last = JSON.parse(ended.stdout.trim().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({ type: 'run-ended', exitCode: ended.code });
    const stages = last.hosts.map(({ state }: { state: string }) => state);
    return { code: ended.code, state: last.state, stages, hosts: last.hosts };
  }

  /** What each host serves, seen from outside; `phase` and drift as `fleet status` has them. */
  async function pages() {
    return Promise.all(
      fleet.hosts.map(async (host) => {
        const { stdout } = await host.run(
          'cat /proc/$(systemctl show -p MainPID --value shop.service)/cwd/index.html',
        );
        return stdout.trim();
      }),
    );
  }

  test.each([
    {
      policy: 'hold',
      code: 5,
      state: 'stopped_mixed',
      stages: ['done', 'done', 'down', 'done', 'staged', 'staged'],
      served: ['new', 'new', '', 'new', 'old', 'old'],
    },
    {
      policy: 'rollback-host',
      code: 5,
      state: 'stopped_mixed',
      stages: ['done', 'done', 'reverted', 'done', 'staged', 'staged'],
      served: ['new', 'new', 'old', 'new', 'old', 'old'],
    },
    {
      policy: 'rollback-wave',
      code: 5,
      state: 'stopped_mixed',
      stages: ['done', 'reverted', 'reverted', 'reverted', 'staged', 'staged'],
      served: ['new', 'old', 'old', 'old', 'old', 'old'],
    },
    {
      policy: 'rollback-run',
      code: 4,
      state: 'rolled_back',
      stages: ['reverted', 'reverted', 'reverted', 'reverted', 'staged', 'staged'],
      served: ['old', 'old', 'old', 'old', 'old', 'old'],
    },
  ])('ends as $policy says', async ({ policy, code, state, stages, served }) => {
    const before = await lookAtAll(fleet.hosts);
    expect(before.every(({ link }) => link === '')).toBe(true);
    expect(await deployWithTroubles(policy, 'again')).toMatchObject({ code, state, stages });
    expect(await pages()).toEqual(served);
    const status = await bastion.fleet(['status', '-g', 'web', '--json']);
    const { hosts } = OUTPUT_SCHEMAS.status.parse(status.json());
    expect(hosts.map(({ drift }) => drift !== null)).toEqual(served.map((page) => page === ''));
  });

  test('leaves a host that never answers again as unknown, and says so', async () => {
    const run = await deployWithTroubles('rollback-run', 'never');
    expect(run).toMatchObject({ code: 6, state: 'rollback_incomplete' });
    expect(run.stages).toEqual(['reverted', 'reverted', 'reverted', 'unknown', 'staged', 'staged']);
    expect(run.hosts[3]).toMatchObject({ host: 'h04', error: { code: expect.any(String) } });
    await answer(fleet.host('h04'));
    expect(await pages()).toEqual(['old', 'old', 'old', 'new', 'old', 'old']);
    const status = await bastion.fleet(['status', '-g', 'web', '--json']);
    expect(status.json().hosts[3]).toMatchObject({
      phase: 'verified',
      drift: expect.stringContaining('claimed'),
    });
  });
});

/** Ends every ssh session of a host and takes no new one. */
async function hangUp(host: RealHost): Promise<void> {
  await host.run('systemctl stop ssh; pkill -KILL -u deploy sshd; true');
}

async function answer(host: RealHost): Promise<void> {
  await host.run(['systemctl', 'start', 'ssh']);
}

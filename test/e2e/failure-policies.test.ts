import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { OUTPUT_SCHEMAS } from '../../src/ui/json-schema.js';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import type { RealHost } from '../real/support/real-host.js';
import { Bastion, type Running } from './support/bastion.js';
import { exits } from './support/exit.js';
import { wipe } from './support/real-shop.js';
import { fragileShop, SICK_FILE, shop } from './support/shop-app.js';

/** Three waves: h01, then h02 h03 h04, then h05 h06. In the second, h03 dies and h04 loses contact. */
const POLICY = {
  waves: [1, 3, 'rest'],
  max_unavailable: '100%',
  min_healthy_time: '900ms',
  healthy_deadline: '6s',
  confirm_deadline: '11s',
};
const DEPLOY = ['deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes'];

describe('a failure in the second wave, with other hosts in flight', () => {
  let fleet: RealFleet;
  let crew: readonly RealHost[];
  let lost: Promise<RunEnd>;
  const bastion = new Bastion();
  const farBastion = new Bastion();

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 8 });
    crew = fleet.hosts.slice(0, 6);
    const ssh = { connect_timeout: '2s', keepalive: '1s' };
    bastion.use({ ...fleet, hosts: crew }, ssh);
    farBastion.use({ ...fleet, hosts: fleet.hosts.slice(6) }, ssh);
    // It waits most of its time, so it runs beside the others.
    lost = loseHost();
    lost.catch(() => undefined);
  });
  afterEach(() => wipe(crew));
  afterAll(async () => {
    bastion.close();
    farBastion.close();
    await fleet?.shutdown();
  });

  /** Deploys a first release, then one that fails on h03 while h04 cannot be reached. */
  async function deployWithTroubles(policy: string): Promise<RunEnd> {
    await deployOld(bastion);
    bastion.configure({ policy: { ...POLICY, on_failure: policy } });
    await fleet.host('h03').run(['touch', SICK_FILE]);
    const run = await deployUntilLinked(bastion, 'h04');
    await hangUp(fleet.host('h04'));
    await run.says(/"type":"stopped"/);
    await answer(fleet.host('h04'));
    return endOf(run);
  }

  /** h08 never answers again after its activation has begun. */
  async function loseHost(): Promise<RunEnd> {
    await deployOld(farBastion);
    farBastion.configure({ policy: { ...POLICY, waves: [1, 'rest'] } });
    const run = await deployUntilLinked(farBastion, 'h08');
    await hangUp(fleet.host('h08'));
    return endOf(run);
  }

  /** What each host serves, seen from outside. */
  async function pages(hosts: readonly RealHost[]) {
    const page = 'cat /proc/$(systemctl show -p MainPID --value shop.service)/cwd/index.html';
    return Promise.all(hosts.map(async (host) => (await host.run(page)).stdout.trim()));
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
    expect(await deployWithTroubles(policy)).toMatchObject({ code, state, stages });
    expect(await pages(crew)).toEqual(served);
    const status = await bastion.fleet(['status', '-g', 'web', '--json']);
    const { hosts } = OUTPUT_SCHEMAS.status.options[0].parse(status.json());
    expect(hosts.map(({ drift }) => drift !== null)).toEqual(served.map((page) => page === ''));
  });

  test('leaves a host that never answers again to its automatic rollback timer, locked until the next run', async () => {
    const [canary, far] = fleet.hosts.slice(6);
    if (canary === undefined || far === undefined) throw new Error('two more hosts are needed');
    expect(await lost).toMatchObject({
      code: 6,
      state: 'rollback_incomplete',
      stages: ['reverted', 'unknown'],
    });
    await answer(far);
    expect(await pages([canary, far])).toEqual(['old', 'old']);
    const status = await farBastion.fleet(['status', '-g', 'web', '--json']);
    expect(status.json().hosts[1]).toMatchObject({
      phase: 'idle',
      drift: expect.stringContaining('claimed'),
    });
    await exits(0, farBastion.fleet(DEPLOY));
  });
});

interface RunEnd {
  readonly code: number | null;
  readonly state: string;
  /** The state of each host at the end. */
  readonly stages: readonly string[];
}

async function deployOld(bastion: Bastion): Promise<void> {
  bastion.configure({ policy: { ...POLICY, waves: ['rest'], min_healthy_time: '0s' } });
  bastion.release(shop('old'));
  await exits(0, bastion.fleet(DEPLOY));
}

async function deployUntilLinked(bastion: Bastion, host: string): Promise<Running> {
  bastion.release(fragileShop('new'));
  const run = bastion.start([...DEPLOY, '--output', 'ndjson']);
  await run.says(new RegExp(`"host":"${host}","note":"linked`));
  return run;
}

async function endOf(run: Running): Promise<RunEnd> {
  const { code, stdout } = await run.ended;
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const last = events.find(({ type }) => type === 'run-ended');
  expect(last).toMatchObject({ type: 'run-ended', exitCode: code });
  const stages = last.hosts.map(({ state }: { state: string }) => state);
  return { code, state: last.state, stages };
}

/** Ends every ssh session of a host and accepts no new one. */
async function hangUp(host: RealHost): Promise<void> {
  await host.run('systemctl stop ssh; pkill -KILL -u deploy sshd; true');
}

async function answer(host: RealHost): Promise<void> {
  await host.run(['systemctl', 'start', 'ssh']);
}

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OUTPUT_SCHEMAS } from '../../src/ui/json-schema.js';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import { Bastion } from './support/bastion.js';
import { exits } from './support/exit.js';
import { QUICK } from './support/policy.js';
import { lookAt, lookAtAll } from './support/real-shop.js';
import { dyingShop, shop } from './support/shop-app.js';

const OPERATOR = `O'Neil "x" $(id) Jörg`;
const DEPLOYER = `${OPERATOR}@${hostname()}`;

/** Three hosts with two good releases and one that was rolled back. */
describe('the records of a fleet', () => {
  let fleet: RealFleet;
  const bastion = new Bastion({
    config: { policy: { ...QUICK, waves: [1, 'rest'], max_unavailable: '100%' } },
  });
  const runs: string[] = [];
  const releases: string[] = [];
  const commits: string[] = [];

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 3 });
    bastion.use(fleet);
    for (const [code, files] of [
      [0, shop('one')],
      [0, shop('two')],
      [4, dyingShop('three')],
    ] as const) {
      commits.push(bastion.release(files));
      const args = ['deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes', '--json'];
      const run = (await exits(code, bastion.fleet(args, { FLEET_OPERATOR: OPERATOR }))).json();
      runs.push(run.run);
      releases.push(run.release);
    }
  });
  afterAll(async () => {
    bastion.close();
    await fleet?.shutdown();
  });

  const ask = async (...args: readonly string[]) => exits(0, bastion.fleet(args));

  test('any name of a person survives in version.json, the history and deploy.log', async () => {
    const { version } = await lookAt(fleet.host('h02'));
    expect(version).toMatchObject({
      deployer: DEPLOYER,
      version: releases[1],
      commit: commits[1],
      run: runs[1],
      previous: releases[0],
    });
    const history = (await ask('history', '--json')).json();
    expect(history.runs.map(({ operator }: { operator: string }) => operator)).toEqual(
      Array(3).fill(DEPLOYER),
    );
    const lines = readFileSync(join(bastion.stateDir, 'deploy.log'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(3);
    const operator = /operator=("(?:[^"\\]|\\.)*"|\S+)/.exec(lines[0] ?? '')?.[1] ?? '';
    expect(JSON.parse(operator)).toBe(DEPLOYER);
    expect(lines[2]).toMatch(/state=rolled_back exit=4/);
  });

  test('history lists the runs, newest first, and show describes one of them host by host', async () => {
    const { runs: listed } = (await ask('history', '--json')).json();
    expect(listed.map(({ run }: { run: string }) => run)).toEqual(runs.toReversed());
    const text = (await ask('history')).stdout;
    for (const run of runs) expect(text).toContain(run);
    const shown = await ask('show', runs[2] ?? '');
    expect(shown.stdout).toMatch(/h01[\s\S]*no such table/);
    expect((await ask('show', (runs[1] ?? '').slice(0, -1), '--json')).json()).toMatchObject({
      run: runs[1],
    });
    expect((await bastion.fleet(['show', 'nope'])).code).toBe(2);
  });

  test('releases shows which is current, which is bad, and which a rollback can go to', async () => {
    const body = (await ask('releases', '-g', 'web', '--json')).json();
    const rows = new Map(body.releases.map((row: { id: string }) => [row.id, row]));
    expect(rows.get(releases[0])).toMatchObject({ rollback: { possible: true }, current: [] });
    expect(rows.get(releases[1])).toMatchObject({ current: ['h01', 'h02', 'h03'] });
    expect(rows.get(releases[2])).toMatchObject({ bad: ['h01'], rollback: { possible: false } });
    const text = (await ask('releases', '-g', 'web')).stdout;
    for (const release of releases) expect(text).toContain(release);
  });

  test('a plan writes nothing, on any host or here', async () => {
    const before = await snapshot();
    const plan = (await ask('plan', 'rollback', '-g', 'web', '--json')).json();
    expect(OUTPUT_SCHEMAS.plan.parse(plan).release.id).toBe(releases[0]);
    expect((await ask('rollback', '-g', 'web', '--dry-run')).stdout).toContain(releases[0]);
    bastion.release(shop('four'));
    const deploy = (
      await ask('plan', 'deploy', '-g', 'web', '--from', 'git:HEAD:app', '--json')
    ).json();
    expect(OUTPUT_SCHEMAS.plan.parse(deploy).waves.map(({ hosts }) => hosts)).toEqual([
      ['h01'],
      ['h02', 'h03'],
    ]);
    expect(await snapshot()).toEqual(before);
  });

  async function snapshot() {
    const list = 'find /opt/shop -not -type d -printf "%p %T@ %s\\n" | sort';
    const hosts = await Promise.all(fleet.hosts.map(async (host) => (await host.run(list)).stdout));
    const { runs: listed } = (await ask('history', '--json')).json();
    const log = readFileSync(join(bastion.stateDir, 'deploy.log'), 'utf8');
    return { hosts, listed, log, sights: await lookAtAll(fleet.hosts) };
  }

  test('`--to` that matches several means the one to roll back to; that matches none is refused', async () => {
    const several = await ask('rollback', '-g', 'web', '--to', '2', '--dry-run', '--json');
    expect(several.json().release.id).toBe(releases[0]);
    const none = await bastion.fleet(['rollback', '-g', 'web', '--to', 'feedfeed', '--yes']);
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining(releases[0] ?? '-') });
  });

  test('exec folds equal output, and shows no control characters of hosts', async () => {
    const alike = await ask('exec', '-g', 'web', '--', 'printf', '\\033[31mred\\033[0m\\n');
    expect(alike.stdout).toBe('h[01:03] (3)\n  red\n');
    const each = await ask('exec', '-g', 'web', '-l', 'h02', '--', 'hostname; id -un');
    expect(each.stdout).toBe('h02\n  h02\n  deploy\n');
    const quoted = await ask('exec', '-g', 'web', '--json', '--', 'echo', "it's", '$HOME', '"x"');
    expect(quoted.json().hosts[2]).toMatchObject({
      host: 'h03',
      exit: 0,
      stdout: `it's $HOME "x"\n`,
    });
    const failed = await bastion.fleet(['exec', '-g', 'web', '--', 'test "$(hostname)" != h02']);
    expect(failed.code).toBe(4);
    expect(failed.stdout).toMatch(/h02 {2}exit 1/);
  });

  test('status is a table for people', async () => {
    const { stdout } = await ask('status', '-g', 'web');
    expect(stdout).toContain(releases[1]);
    expect(stdout).toMatch(/h01|h\[01:03\]/);
  });
});

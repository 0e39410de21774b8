import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ExitCode } from '../../src/errors/codes.js';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import { Bastion } from './support/bastion.js';
import { exits } from './support/exit.js';
import { QUICK } from './support/policy.js';

/** A process of an app: `bin/NAME` of its current release. */
const run = (root: string, name: string, lines = ''): string =>
  `[Unit]\n${lines}\n[Service]\nUser=deploy\nWorkingDirectory=${root}/current\nExecStart=/bin/sh bin/${name}\n`;

/** What Foreman's export writes: a target, a target for each kind of process, their instances. */
const FOREMAN = {
  'app.target': '[Unit]\nWants=app-web.target app-worker.target\n',
  'app-web.target': '[Unit]\nPartOf=app.target\nWants=app-web@5000.service app-web@5001.service\n',
  'app-worker.target': '[Unit]\nPartOf=app.target\nWants=app-worker@5100.service\n',
  'app-web@.service': run('/opt/shop', 'web', 'PartOf=app-web.target'),
  'app-worker@.service': run('/opt/shop', 'worker', 'PartOf=app-worker.target'),
};
/** As above, and the services do not follow their target. */
const LOOSE = {
  'loose.target': '[Unit]\nWants=loose-web.service\n',
  'loose-web.service': run('/opt/shop', 'web'),
};
const UNITS = {
  ...FOREMAN,
  ...LOOSE,
  'job@.service': run('/opt/job', 'web'),
  'shop.service': run('/opt/shop', 'web'),
};

const ACTED_ON = [
  ...['app.target', 'loose.target', 'shop.service'],
  ...[1, 2, 3].map((index) => `job@${index}.service`),
];

const WAIT = 'exec sleep 1000\n';
const DIE = 'sleep 0.2\nexit 3\n';

describe('apps of several units, and several apps', () => {
  let fleet: RealFleet;
  let bastion: Bastion;

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 2, units: UNITS, sudo: { units: ACTED_ON } });
    await onAll('install -d -o deploy -g deploy /opt/job');
  }, 300_000);
  beforeEach(() => {
    bastion = new Bastion().use(fleet);
  });
  afterEach(async () => {
    bastion.close();
    await onAll(
      "systemctl stop app.target 'app-*' 'loose*' 'job@*' shop.service; systemctl reset-failed; rm -rf /opt/shop/* /opt/shop/.fleet /opt/job/* /opt/job/.fleet",
    );
  });
  afterAll(() => fleet?.shutdown());

  const onAll = (script: string) => Promise.all(fleet.hosts.map((host) => host.run(script)));

  const policy = { ...QUICK, waves: [1, 'rest'], max_unavailable: '100%' };

  async function deploy(code: ExitCode, scripts: Readonly<Record<string, string>>, app?: string) {
    bastion.release(
      Object.fromEntries(Object.entries(scripts).map(([name, text]) => [`bin/${name}`, text])),
    );
    const chosen = app === undefined ? [] : ['--app', app];
    const words = ['deploy', ...chosen, '-g', 'web', '--from', 'git:HEAD:app', '--yes'];
    return exits(code, bastion.fleet(words));
  }

  /** The release that the process of a unit runs from, on each host. */
  const runs = async (unit: string): Promise<readonly string[]> => {
    const script = `readlink /proc/$(systemctl show -p MainPID --value ${unit})/cwd`;
    return (await onAll(script)).map(({ stdout }) => stdout.trim());
  };

  const MEMBERS = ['app-web@5000.service', 'app-web@5001.service', 'app-worker@5100.service'];

  test("Foreman's target is restarted and watched whole", async () => {
    bastion.configure({ service: { unit: 'app.target' }, policy });
    await deploy(0, { web: WAIT, worker: WAIT });
    const first = await Promise.all(MEMBERS.map(runs));
    await deploy(0, { web: `# 2\n${WAIT}`, worker: WAIT });
    const second = await Promise.all(MEMBERS.map(runs));
    expect(second.flat().every((cwd) => cwd === second[0]?.[0])).toBe(true);
    expect(second[0]?.[0]).not.toBe(first[0]?.[0]);
    const bad = await deploy(4, { web: WAIT, worker: DIE });
    expect(bad.stderr).toMatch(/app-worker@5100\.service/);
    expect(await Promise.all(MEMBERS.map(runs))).toEqual(second);
  }, 180_000);

  test('a target that restarts none of its services is refused with the remedy', async () => {
    bastion.configure({ service: { unit: 'loose.target' }, policy });
    await onAll('systemctl start loose.target');
    const refused = await deploy(2, { web: WAIT });
    expect(refused.stderr).toContain('PartOf=loose.target');
  }, 90_000);

  test('instances of a template are restarted one after the other, and all are watched', async () => {
    const service = { unit: 'job@{1..3}.service' };
    bastion.configure({ app: 'job', root: '/opt/job', service, policy });
    await deploy(0, { web: WAIT });
    const instances = [1, 2, 3].map((index) => `job@${index}.service`);
    const good = await Promise.all(instances.map(runs));
    expect(new Set(good.flat()).size).toBe(1);
    const third = `case $(cat /proc/self/cgroup) in *job@3*) sleep 0.2; exit 3 ;; esac\n${WAIT}`;
    const bad = await deploy(4, { web: third });
    expect(bad.stderr).toMatch(/job@3\.service/);
    expect(await Promise.all(instances.map(runs))).toEqual(good);
  }, 180_000);

  test('two apps are deployed to the same hosts at once, each with its own limits', async () => {
    bastion.configure(
      JSON.stringify({
        policy,
        apps: {
          shop: { root: '/opt/shop', service: { unit: 'shop.service' } },
          job: { root: '/opt/job', service: { unit: 'job@{1,2}.service', action: 'stop-start' } },
        },
      }),
    );
    bastion.release({ 'bin/web': WAIT });
    const go = (app: string) =>
      bastion.fleet(['deploy', '--app', app, '-g', 'web', '--from', 'git:HEAD:app', '--yes']);
    const [shop, job] = await Promise.all([go('shop'), go('job')]);
    expect([shop.code, job.code], `${shop.stderr}${job.stderr}`).toEqual([0, 0]);
    expect(await runs('shop.service')).toEqual(
      expect.arrayContaining([expect.stringContaining('/opt/shop/releases/')]),
    );
    expect(await runs('job@2.service')).toEqual(
      expect.arrayContaining([expect.stringContaining('/opt/job/releases/')]),
    );
    const unnamed = await exits(2, bastion.fleet(['rollback', '-g', 'web', '--yes']));
    expect(unnamed.stderr).toContain('--app shop, or --app job');
    const status = await exits(0, bastion.fleet(['status', '-g', 'web', '--json']));
    expect(status.json()).toMatchObject({ apps: [{ app: 'shop' }, { app: 'job' }] });
  }, 180_000);
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ExitCode } from '../../src/errors/codes.js';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import { Bastion } from './support/bastion.js';
import { exits } from './support/exit.js';
import { QUICK } from './support/policy.js';
import { lookAt, wipe } from './support/real-shop.js';
import { dyingShop, type Files, shop } from './support/shop-app.js';

const DEPLOY = ['deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes'];

/** A unit that runs `bin/start` of the current release as deploy, with more lines of its own. */
const unit = (lines: string, folder = '/opt/shop/current'): string =>
  `[Unit]\nStartLimitIntervalSec=0\n[Service]\nUser=deploy\nWorkingDirectory=${folder}\n${lines}\n`;
const START = 'ExecStart=/opt/shop/current/bin/start';
const UNITS = {
  'shop.service': unit(START),
  'looping.service': unit(`${START}\nRestart=always\nRestartSec=100ms`),
  'reloading.service': unit(`${START}\nExecReload=/bin/kill -HUP $MAINPID`, '/'),
  'once.service': unit(`${START}\nType=oneshot`),
};

describe('services', () => {
  let fleet: RealFleet;
  let bastion: Bastion;

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 2, units: UNITS });
  });
  beforeEach(() => {
    bastion = new Bastion().use(fleet);
  });
  afterEach(async () => {
    bastion.close();
    await Promise.all(
      fleet.hosts.map((host) => host.run(['systemctl', 'stop', ...Object.keys(UNITS)])),
    );
    await wipe(fleet.hosts);
  });
  afterAll(() => fleet?.shutdown());

  const configure = (config: Readonly<Record<string, unknown>>, policy = {}): void =>
    bastion.configure({
      policy: { ...QUICK, waves: [1, 'rest'], max_unavailable: '100%', ...policy },
      ...config,
    });

  async function deploy(code: ExitCode, files: Files) {
    bastion.release(files);
    return exits(code, bastion.fleet(DEPLOY));
  }

  const sights = (name: string) => Promise.all(fleet.hosts.map((host) => lookAt(host, name)));

  test('http, tcp and command probes check what a release promises', async () => {
    const http = { url: 'http://127.0.0.1:8080/index.html', status: 200, body: 'welcome' };
    const command = 'test "$FLEET_RELEASE" = "$(basename "$PWD")" && test -x bin/start';
    configure(
      { probes: ['unit', { http }, { tcp: 8080 }, { command }] },
      { healthy_deadline: '3s' },
    );
    await deploy(0, shop('welcome to release 1'));
    const before = await sights('shop.service');
    const bad = await deploy(4, shop('nothing'));
    expect(bad.stderr).toMatch(
      /h01[\s\S]*verify[\s\S]*http:\/\/127\.0\.0\.1:8080\/index\.html[\s\S]*welcome/,
    );
    expect((await sights('shop.service')).map(({ link }) => link)).toEqual(
      before.map(({ link }) => link),
    );
    const closed = { ...shop('welcome'), 'bin/start': '#!/bin/sh\nexec sleep 1000\n' };
    configure({ probes: [{ tcp: 8080 }] }, { healthy_deadline: '1500ms' });
    expect((await deploy(4, closed)).stderr).toMatch(/tcp 127\.0\.0\.1:8080: no connection/);
  });

  test('`reload` keeps the process', async () => {
    configure({ service: { unit: 'reloading.service', action: 'reload' } });
    const start = (page: string): Files => ({
      'bin/start':
        "#!/bin/sh\ntrap 'cat /opt/shop/current/page >> /opt/shop/shared/reloads' HUP\nwhile :; do sleep 0.1; done\n",
      page: `${page}\n`,
    });
    await deploy(0, start('one'));
    const before = await sights('reloading.service');
    await deploy(0, start('two'));
    const after = await sights('reloading.service');
    expect(after.map(({ mainPid }) => mainPid)).toEqual(before.map(({ mainPid }) => mainPid));
    expect(after.map(({ link }) => link)).not.toEqual(before.map(({ link }) => link));
    expect((await fleet.host('h02').run(['cat', '/opt/shop/shared/reloads'])).stdout).toBe('two\n');
    await exits(0, bastion.fleet(['status', '-g', 'web']));
  });

  test('`stop-start` makes a new process, `none` leaves the old one', async () => {
    configure({ service: { unit: 'shop.service', action: 'stop-start' } });
    await deploy(0, shop('one'));
    const [first] = await sights('shop.service');
    await deploy(0, shop('two'));
    const [second] = await sights('shop.service');
    expect(second).toMatchObject({ active: 'active', cwd: `/opt/shop/${second?.link}` });
    expect(second?.invocation).not.toBe(first?.invocation);
    configure({ service: { unit: 'shop.service', action: 'none' } });
    await deploy(0, shop('three'));
    const [third] = await sights('shop.service');
    expect(third).toMatchObject({ mainPid: second?.mainPid, invocation: second?.invocation });
    expect(third?.link).not.toBe(second?.link);
  });

  test('a oneshot unit is judged by its exit', async () => {
    configure({ service: { unit: 'once.service' } });
    const once = (code: number): Files => ({
      'bin/start': `#!/bin/sh\necho "migrated to ${code}" >&2\nexit ${code}\n`,
    });
    await deploy(0, once(0));
    const [{ link } = { link: '' }] = await sights('once.service');
    const bad = await deploy(4, once(3));
    expect(bad.stderr).toMatch(/h01[\s\S]*once\.service[\s\S]*migrated to 3/);
    expect((await sights('once.service')).map((sight) => sight.link)).toEqual([link, link]);
    await exits(0, bastion.fleet(['status', '-g', 'web']));
  });

  test('a unit that systemd restarts again and again is not healthy', async () => {
    configure({ service: { unit: 'looping.service' } }, { healthy_deadline: '2500ms' });
    await deploy(0, shop('one'));
    const [{ link } = { link: '' }] = await sights('looping.service');
    const bad = await deploy(4, dyingShop('two'));
    expect(bad.stderr).toMatch(/h01[\s\S]*verify[\s\S]*no such table/);
    const after = await sights('looping.service');
    expect(after.map((sight) => sight.link)).toEqual([link, link]);
    expect(after[0]?.cwd).toBe(`/opt/shop/${link}`);
  });

  test('a first deploy that fails leaves no `current`, and the unit stopped', async () => {
    configure({ service: { unit: 'looping.service' } }, { healthy_deadline: '2s' });
    const bad = await deploy(4, dyingShop('one'));
    expect(bad.stdout + bad.stderr).toContain('every touched host is rolled back');
    for (const sight of await sights('looping.service')) {
      expect(sight).toMatchObject({ link: '', active: 'inactive', mainPid: 0 });
    }
    await deploy(0, shop('two'));
  });

  test('old releases are pruned, but never those that a rollback may go to', async () => {
    configure({ release: { keep: 2 } }, { min_healthy_time: '100ms' });
    const releases: string[] = [];
    for (const page of ['1', '2', '3', '4']) {
      await deploy(0, shop(page));
      releases.push((await lookAt(fleet.host('h01'))).link.replace('releases/', ''));
    }
    const kept = async () =>
      (await fleet.host('h01').run('ls /opt/shop/releases')).stdout.trim().split('\n');
    expect(await kept()).toEqual(releases.slice(2).toSorted());
    await exits(0, bastion.fleet(['rollback', '-g', 'web', '--yes']));
    expect((await lookAt(fleet.host('h01'))).link).toBe(`releases/${releases[2]}`);
    expect(await kept()).toEqual(releases.slice(2).toSorted());
    expect((await bastion.fleet(['rollback', '-g', 'web', '--yes'])).code).toBe(2);
  });

  test('the output of a dying unit is shown without its control characters', async () => {
    configure({});
    const start =
      "#!/bin/sh\nprintf 'be\\033[31mfo\\033[0mre \\033]0;owned\\007after \\033[2J\\302\\233H end\\n' >&2\nexit 1\n";
    const bad = await deploy(4, { 'bin/start': start });
    const shown = bad.stdout + bad.stderr;
    expect(shown).toContain('before after');
    expect(shown).not.toMatch(/(?!\n)\p{Cc}/u);
    const show = await bastion.fleet(['history', '--json']);
    const [{ run }] = show.json().runs;
    const detail = await exits(0, bastion.fleet(['show', run]));
    expect(detail.stdout).not.toMatch(/(?!\n)\p{Cc}/u);
  });
});

test('a unit of the user is run by the user, without sudo', async () => {
  const fleet = await bootRealFleet({ count: 1, sudo: false, userManager: true });
  const bastion = new Bastion({
    config: { root: '~/shop', service: { unit: 'mine.service', scope: 'user' }, policy: QUICK },
  }).use(fleet);
  try {
    const host = fleet.host('h01');
    const text = unit(START, '%h/shop/current').replace('User=deploy\n', '').replace('/opt', '%h');
    await host.ssh('mkdir -p .config/systemd/user && cat > .config/systemd/user/mine.service', {
      input: text,
    });
    await host.ssh('XDG_RUNTIME_DIR=/run/user/1000 systemctl --user daemon-reload');
    bastion.release(shop('mine'));
    await exits(0, bastion.fleet(DEPLOY));
    const status = (await exits(0, bastion.fleet(['status', '-g', 'web', '--json']))).json();
    expect(status.hosts[0]).toMatchObject({ drift: null, unit: { active: 'active' } });
    expect(status.hosts[0].serving).toBe(status.hosts[0].release);
    bastion.release(dyingShop('bad'));
    const bad = await exits(4, bastion.fleet(DEPLOY));
    expect(bad.stderr).toMatch(/mine\.service[\s\S]*journal[\s\S]*status=7/);
  } finally {
    bastion.close();
    await fleet.shutdown();
  }
});

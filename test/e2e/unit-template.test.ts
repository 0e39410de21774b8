import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import { Bastion } from './support/bastion.js';
import { exits } from './support/exit.js';
import { QUICK } from './support/policy.js';
import { dyingShop, type Files, shop } from './support/shop-app.js';

const DEPLOY = ['deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes'];
const OTHERS = '[Service]\nUser=deploy\nExecStart=/bin/sleep 1000\n';

const template = (more = ''): string => `[Unit]
Description={{ app }} on {{ host }}
[Service]
User={{ user }}
WorkingDirectory={{ root }}/current
ExecStart={{root}}/current/bin/start
Environment="GREETING={{ vars.greeting }}"${more}
[Install]
WantedBy=multi-user.target
`;

describe('a unit that fleet renders and installs', () => {
  let fleet: RealFleet;
  let bastion: Bastion;
  const FILE = '/etc/systemd/system/shop.service';

  beforeAll(async () => {
    // The units of the lab: only others', so that shop.service comes with the app.
    fleet = await bootRealFleet({
      count: 2,
      units: { 'other.service': OTHERS },
      sudo: { units: ['shop.service'] },
    });
  }, 300_000);
  beforeEach(() => {
    bastion = new Bastion().use(fleet);
    const policy = { ...QUICK, waves: [1, 'rest'], max_unavailable: '100%' };
    const service = { unit: 'shop.service', template: 'units/shop.service' };
    bastion.configure({ service, policy });
    bastion.write('units/shop.service', template());
    bastion.write('inventories/vars.yaml', 'groups:\n  web:\n    vars: { greeting: 50% off }\n');
  });
  afterEach(async () => {
    bastion.close();
    await onAll(
      `systemctl disable --now shop.service; rm -f ${FILE} ${FILE}.fleet; systemctl daemon-reload; systemctl reset-failed; rm -rf /opt/shop/* /opt/shop/.fleet /etc/sudoers.d/units`,
    );
  });
  afterAll(() => fleet?.shutdown());

  const onAll = (script: string) => Promise.all(fleet.hosts.map((host) => host.run(script)));
  const seen = async (script: string): Promise<readonly string[]> =>
    (await onAll(script)).map(({ stdout }) => stdout.trim());

  /** What an admin does with the lines that doctor prints. */
  async function allow(): Promise<void> {
    const doctor = await bastion.fleet(['doctor', '-g', 'web', '--json']);
    const [{ sudoers }] = doctor.json().hosts;
    const line = sudoers.find(({ purpose }: { purpose: string }) => purpose === 'unit_files');
    expect(line.line).toContain(`/usr/bin/tee ${FILE}.fleet, `);
    await Promise.all(
      fleet.hosts.map(async (host) => {
        await host.run('cat >/etc/sudoers.d/units && chmod 440 /etc/sudoers.d/units', {
          input: `${line.line}\n`,
        });
      }),
    );
  }

  async function deploy(code: 0 | 2 | 4, files: Files) {
    bastion.release(files);
    return exits(code, bastion.fleet(DEPLOY));
  }

  test('is refused without the rights, whose exact line doctor prints; then it is installed, changed and rolled back', async () => {
    const refused = await deploy(2, shop('one'));
    expect(refused.stderr).toMatch(/sudo does not let the login install shop\.service/);
    await allow();

    const first = await deploy(0, shop('one'));
    expect(first.stderr).toMatch(/unit files {2}shop\.service, new on h01/);
    expect(first.stderr).toContain('+ Description=shop on h02');
    const text = await seen(`cat ${FILE}`);
    expect(text[1]).toContain('Description=shop on h02');
    expect(text[1]).toContain('Environment="GREETING=50%% off"');
    expect(await seen('systemctl is-enabled shop.service')).toEqual(['enabled', 'enabled']);
    expect(
      (
        await seen(
          'tr "\\0" "\\n" </proc/$(systemctl show -p MainPID --value shop.service)/environ',
        )
      )[0],
    ).toContain('GREETING=50% off');
    expect(await seen('stat -c "%U %a" /etc/systemd/system/shop.service')).toEqual([
      'root 644',
      'root 644',
    ]);

    // The same release with another unit is a change; nothing is sent.
    bastion.write('units/shop.service', template('\nNice=5'));
    const plan = await exits(0, bastion.fleet(['plan', ...DEPLOY.slice(0, -1)]));
    expect(plan.stdout).toMatch(
      /unit files {2}shop\.service, changed on 2: h01, h02[\s\S]*\+ Nice=5/,
    );
    expect(plan.stdout).toContain('is on every host already');
    await exits(0, bastion.fleet(DEPLOY));
    expect(await seen('systemctl show -p Nice --value shop.service')).toEqual(['5', '5']);
    const again = await exits(0, bastion.fleet(DEPLOY));
    expect(again.stderr).toContain('Nothing to do');

    // A release that dies takes its unit with it.
    bastion.write('units/shop.service', template('\nNice=7'));
    await deploy(4, dyingShop('bad'));
    expect(await seen('systemctl show -p Nice --value shop.service')).toEqual(['5', '5']);
    expect((await seen(`cat ${FILE}`))[0]).toContain('Nice=5');
    expect(await seen('systemctl is-active shop.service')).toEqual(['active', 'active']);

    // So does a rollback, to the unit of that release.
    await deploy(0, shop('two'));
    expect(await seen('systemctl show -p Nice --value shop.service')).toEqual(['7', '7']);
    await exits(0, bastion.fleet(['rollback', '-g', 'web', '--yes']));
    expect(await seen('systemctl show -p Nice --value shop.service')).toEqual(['5', '5']);
  }, 300_000);

  test('a first deploy that fails leaves neither link nor unit', async () => {
    await allow();
    await deploy(4, dyingShop('bad'));
    const left = await seen(
      `ls ${FILE} /opt/shop/current 2>/dev/null; systemctl is-active shop.service; systemctl is-enabled shop.service 2>/dev/null`,
    );
    expect(left.map((each) => each.split('\n')[0])).toEqual(['inactive', 'inactive']);
  }, 120_000);

  test('takes over a unit that was there, and puts it back; a broken one changes nothing', async () => {
    await allow();
    const old = `[Service]\nUser=deploy\nWorkingDirectory=/opt/shop/current\nExecStart=/opt/shop/current/bin/start\n# by hand`;
    await Promise.all(
      fleet.hosts.map((host) =>
        host.run(`cat >${FILE} && systemctl daemon-reload`, { input: old }),
      ),
    );
    bastion.configure({
      service: { unit: 'shop.service' },
      policy: { ...QUICK, waves: [1, 'rest'], max_unavailable: '100%' },
    });
    await deploy(0, shop('one'));
    const service = { unit: 'shop.service', template: 'units/shop.service' };
    bastion.configure({ service, policy: { ...QUICK, waves: ['rest'], max_unavailable: '100%' } });
    bastion.write('units/shop.service', template('\nExecStart=\nType=oneshot=\nKillMode'));
    const broken = await deploy(2, shop('two'));
    expect(broken.stderr).toMatch(
      /2: h01, h02: systemd there does not take line \d+ of shop\.service: /,
    );
    expect(await seen(`cat ${FILE}`)).toEqual([old, old]);
    bastion.write('units/shop.service', template());
    await deploy(4, dyingShop('bad'));
    expect(await seen(`cat ${FILE}`)).toEqual([old, old]);
    await deploy(0, shop('three'));
    await Promise.all(fleet.hosts.map((host) => host.run(`echo '# by hand' >>${FILE}`)));
    const status = await exits(4, bastion.fleet(['status', '-g', 'web', '--verify']));
    expect(status.stdout).toMatch(/unit file shop\.service:[\s\S]*\+ # by hand/);
    const plan = await exits(0, bastion.fleet(['plan', 'rollback', '-g', 'web']));
    expect(plan.stdout).toMatch(/changed on h01\n +it was changed by hand there/);
    await exits(0, bastion.fleet(['rollback', '-g', 'web', '--yes']));
    expect(await seen(`cat ${FILE}`)).toEqual([old, old]);
    expect(await seen('systemctl is-active shop.service')).toEqual(['active', 'active']);
  }, 300_000);
});

test('a unit of the user is rendered and installed without any rights', async () => {
  const fleet = await bootRealFleet({ count: 1, sudo: false, userManager: true });
  const service = { unit: 'mine@{1,2}.service', scope: 'user', template: 'mine.service' };
  const bastion = new Bastion({ config: { root: '~/shop', service, policy: QUICK } }).use(fleet);
  bastion.write(
    'mine.service',
    '[Service]\nWorkingDirectory={{ root }}/current\nExecStart=/bin/sh bin/start %i\n[Install]\nWantedBy=default.target\n',
  );
  try {
    const host = fleet.host('h01');
    const user = (words: string) =>
      host.ssh(`XDG_RUNTIME_DIR=/run/user/1000 systemctl --user ${words}`);
    bastion.release({ 'bin/start': '#!/bin/sh\nexec sleep 1000\n' });
    await exits(0, bastion.fleet(DEPLOY));
    const file = await host.ssh('cat .config/systemd/user/mine@.service');
    expect(file.stdout).toContain('WorkingDirectory=%h/shop/current');
    expect((await user('is-active mine@1.service mine@2.service')).stdout).toBe('active\nactive\n');
    expect((await user('is-enabled mine@2.service')).stdout).toBe('enabled\n');
    bastion.write('mine.service', '[Service]\nExecStart=/bin/false\n');
    bastion.release({ 'bin/start': '#!/bin/sh\n# 2\nexec sleep 1000\n' });
    await exits(4, bastion.fleet(DEPLOY));
    expect((await user('is-active mine@1.service mine@2.service')).stdout).toBe('active\nactive\n');
    expect((await host.ssh('cat .config/systemd/user/mine@.service')).stdout).toBe(file.stdout);
  } finally {
    bastion.close();
    await fleet.shutdown();
  }
}, 300_000);

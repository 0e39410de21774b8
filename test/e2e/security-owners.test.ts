import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExitCode } from '../../src/errors/codes.js';
import { loadHostProgram } from '../../src/host/program.js';
import type { DoctorReportJson } from '../../src/ui/reports/doctor/schema.js';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import { Bastion } from './support/bastion.js';
import { exits } from './support/exit.js';
import { lookAt } from './support/real-shop.js';
import { shop } from './support/shop-app.js';

const DEPLOY = ['deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes'];
const POLICY = {
  waves: ['rest'],
  max_unavailable: '100%',
  min_healthy_time: '0s',
  healthy_deadline: '10s',
};
const { sha256 } = loadHostProgram();

/** The tests build on each other: a root is opened for the app, misused, and made right again. */
describe('a root that the app’s user may write', () => {
  let fleet: RealFleet;
  const bastion = new Bastion({ config: { policy: POLICY } });

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 1 });
    bastion.use(fleet);
  }, 600_000);
  afterAll(async () => {
    bastion.close();
    await fleet?.shutdown();
  });

  const asRoot = async (script: string): Promise<string> => {
    const { code, stdout, stderr } = await fleet.host('h01').run(script);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return stdout.trim();
  };
  const asApp = (script: string) =>
    asRoot(`setpriv --reuid=appuser --regid=appuser --clear-groups sh -c '${script}'`);
  const asDeploy = (script: string) =>
    asRoot(`setpriv --reuid=deploy --regid=deploy --clear-groups sh -c '${script}'`);
  const doctor = async (code: ExitCode): Promise<DoctorReportJson['hosts'][number] | undefined> =>
    (await exits(code, bastion.fleet(['doctor', '-g', 'web', '--json']))).json().hosts[0];

  test('does not run the app’s program, and is refused with the command to type', async () => {
    await asRoot('useradd -r appuser; chown deploy:appuser /opt/shop; chmod 2775 /opt/shop');
    await asApp(
      `mkdir -p /opt/shop/.fleet/bin; echo "id >/tmp/ran; cp /tmp/ran /opt/shop/" >/opt/shop/.fleet/bin/${sha256}`,
    );
    const host = await doctor(2);
    expect(host?.stops.map(({ code }) => code)).toEqual(['root_unsafe']);
    expect(host?.stops[0]?.message).toContain('/opt/shop may be written by group');
    expect(host?.stops[0]?.hint).toContain('chmod go-w /opt/shop');
    await exits(2, bastion.fleet(DEPLOY));
    expect(await asRoot('ls /tmp/ran /opt/shop/ran 2>/dev/null || true')).toBe('');
  });

  test('is accepted once it was repaired as fleet says', async () => {
    await asDeploy('chmod go-w /opt/shop');
    const host = await doctor(2);
    expect(host?.stops[0]?.message).not.toContain('/opt/shop may be written');
    expect(host?.stops[0]?.message).toContain('/opt/shop/.fleet belongs to uid');
    await asRoot('rm -rf /opt/shop/.fleet');
    await doctor(0);
    bastion.release(shop('old'));
    await exits(0, bastion.fleet(DEPLOY));
    expect((await lookAt(fleet.host('h01'))).active).toBe('active');
  });

  test('may have a folder that the app owns below shared/', async () => {
    await asRoot('install -d -o appuser -g appuser -m 2770 /opt/shop/shared/uploads');
    await asApp('touch /opt/shop/shared/uploads/cat.jpg');
    await doctor(0);
  });

  test('that chmod -R opened later stops the next run, and nothing on the host changes', async () => {
    await asRoot('chgrp -R appuser /opt/shop; chmod -R g+w /opt/shop');
    const before = await lookAt(fleet.host('h01'));
    const host = await doctor(2);
    expect(host?.stops.map(({ code }) => code)).toEqual(['root_unsafe']);
    await exits(2, bastion.fleet(DEPLOY));
    expect(await lookAt(fleet.host('h01'))).toEqual(before);
    await asDeploy('chmod -R go-w /opt/shop/.fleet /opt/shop/releases; chmod go-w /opt/shop');
    await doctor(0);
  });
});

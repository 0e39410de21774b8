import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realFleetObstacle } from './support/prerequisites.js';
import { bootRealFleet, type RealFleet } from './support/real-fleet.js';

const ARM = '--quiet --collect --unit=fleet-t --on-active=300ms --timer-property=AccuracySec=100ms';
const FIRE = "/bin/sh -c 'id -un > /home/deploy/fired'";

/** The ways in which a host can run something later, without anyone connected. */
describe.skipIf(realFleetObstacle() !== undefined)('timers of a lab host', () => {
  let fleet: RealFleet;
  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 1, sudo: { systemdRun: true }, userManager: true });
  }, 600_000);
  afterAll(() => fleet.shutdown());

  it.each([
    ['system', `sudo -n systemd-run ${ARM} --uid=deploy ${FIRE}`],
    ['user', `systemd-run --user ${ARM} ${FIRE}`],
  ])('fire as deploy, by the %s manager', async (_scope, arm) => {
    const [host] = fleet.hosts;
    expect(await host?.ssh(`rm -f fired; ${arm} && sleep 1 && cat fired`)).toMatchObject({
      code: 0,
      stdout: 'deploy\n',
    });
  });
});

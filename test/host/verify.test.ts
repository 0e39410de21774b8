import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Step } from '../../src/host/protocol/protocol.js';
import { readProbe } from '../../src/host/reply/facts.js';
import { probeStep, revertStep, verifyStep } from '../../src/host/steps/steps.js';
import { activationSteps, claim, deploy, ownership, WATCH } from './support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE } from './support/fake-host.js';
import { fakeRelease, NOW } from './support/fake-release.js';
import { codeOf } from './support/refused-step.js';

const one = fakeRelease(1);
const two = fakeRelease(2);
const by = ownership(2);

let host: FakeHost;
beforeEach(() => {
  host = createFakeHost();
});
afterEach(() => host.stop());

/** A host on `one`, with `two` staged by run 2; its unit runs in `cwd`. */
async function begin(cwd = join(host.root, 'current')): Promise<void> {
  host.unit('shop.service', { cwd });
  await deploy(host, ownership(1), { from: null, to: one });
  await host.run([claim(by, one.id)]);
  await host.run([two.stage(by)], two.payload);
}

/** Has `systemctl ACTION` do nothing, and end so. */
function breakAction(action: string, exit = 1): void {
  host.tool('systemctl-real', readFileSync(join(host.dir, 'bin/systemctl'), 'utf8'));
  const real = `${host.dir}/bin/systemctl-real`;
  host.tool('systemctl', `#!/bin/sh\n[ "$1" != ${action} ] || exit ${exit}\nexec ${real} "$@"\n`);
}

async function look(): Promise<unknown> {
  return readProbe((await host.run([probeStep(SERVICE, [])])).events);
}

describe('a unit that was verified', () => {
  beforeEach(async () => {
    await begin();
    expect(await look()).toMatchObject({ healthy: true });
  });

  const another = { healthy: false, reason: 'shop.service has another process' };

  test('and restarted by someone else is not the one that was verified', async () => {
    const { spawnSync } = await import('node:child_process');
    spawnSync(join(host.dir, 'bin/systemctl'), ['restart', 'shop.service']);
    expect(await look()).toEqual(another);
  });

  test('is not asked after while its process is the one that was verified', async () => {
    host.tool('systemctl', '#!/bin/sh\nexit 1\n');
    expect(await look()).toMatchObject({ healthy: true });
  });

  test('is known by when its process started, for process ids are given out again', async () => {
    const state = join(host.root, '.fleet/state');
    writeFileSync(state, readFileSync(state, 'utf8').replace(/@\d+:/g, '@1:'));
    expect(await look()).toMatchObject({ healthy: true });
    host.unit('shop.service', { invocation: 'another-one' });
    expect(await look()).toEqual(another);
  });

  test('and runs another release now is not well', async () => {
    const { unlinkSync, symlinkSync } = await import('node:fs');
    unlinkSync(join(host.root, 'current'));
    await host.run([claim(by, one.id)]);
    symlinkSync(`releases/${two.id}`, join(host.root, 'current'));
    expect(await look()).toMatchObject({ reason: `shop.service still runs release ${one.id}` });
  });
});

test('a unit that is not there keeps the link from moving', async () => {
  await begin();
  const watch = { ...WATCH, service: { ...SERVICE, units: ['shop.service', 'gone.service'] } };
  expect(await host.run(activationSteps(by, one.id, two.id, watch))).toMatchObject({
    phase: 'armed',
    failure: { code: 'unit_unknown' },
  });
  expect(host.current()).toBe(`releases/${one.id}`);
});

describe('verify', () => {
  test('sees a restart that has left the process as it was', async () => {
    await begin('/');
    breakAction('restart', 0);
    const watch = { ...WATCH, healthyDeadlineMs: 500 };
    expect(await host.run(activationSteps(by, one.id, two.id, watch))).toMatchObject({
      failure: {
        step: 'verify',
        message: expect.stringContaining('still has the process from before the restart'),
      },
    });
  });

  test('begins to count anew after a miss', async () => {
    await begin();
    const missed = join(host.dir, 'missed');
    const began = join(host.dir, 'began');
    // Well at first, and once, half a second later, not.
    const command = `now=$(date +%s%3N)
      [ -e ${began} ] || echo $now >${began}
      [ $((now - $(cat ${began}))) -ge 500 ] && [ ! -e ${missed} ] || exit 0
      echo $now >${missed}; exit 1`.replaceAll(/\n\s*/g, '; ');
    const [arm, activate] = activationSteps(by, one.id, two.id) as [Step, Step];
    await host.run([arm, activate]);
    const watch = {
      ...WATCH,
      probes: [{ kind: 'command', command }] as const,
      minHealthyMs: 2000,
      healthyDeadlineMs: 15_000,
    };
    expect(codeOf(await host.run([verifyStep(by, watch)]))).toBe('ok');
    expect(Date.now() - Number(readFileSync(missed, 'utf8'))).toBeGreaterThanOrEqual(2000);
  });

  test('ends at its deadline, however well the last look was', async () => {
    await begin();
    const watch = { ...WATCH, minHealthyMs: 60_000, healthyDeadlineMs: 500 };
    expect(await host.run(activationSteps(by, one.id, two.id, watch))).toMatchObject({
      failure: { code: 'unit_unhealthy', message: expect.stringContaining('but not for 60000 ms') },
    });
  });

  test('of a way back ends in a host that is down where the old release is not well', async () => {
    await begin();
    const [arm, activate] = activationSteps(by, one.id, two.id) as [Step, Step];
    await host.run([arm, activate]);
    const sick = { kind: 'command', command: 'exit 1' } as const;
    const watch = { ...WATCH, probes: [sick], healthyDeadlineMs: 300 };
    expect(await host.run([revertStep(by, NOW, watch)])).toMatchObject({
      phase: 'down',
      failure: { code: 'host_down' },
    });
  });

  test('takes no unit for well that is still starting', async () => {
    await begin();
    host.tool('systemctl-real', readFileSync(join(host.dir, 'bin/systemctl'), 'utf8'));
    writeFileSync(
      join(host.dir, 'bin/systemctl'),
      `#!/bin/sh\n${host.dir}/bin/systemctl-real "$@" | sed 's/^ActiveState=active/ActiveState=activating/'\n`,
    );
    const watch = { ...WATCH, healthyDeadlineMs: 500 };
    const [arm, activate, verify] = activationSteps(by, one.id, two.id, watch) as [
      Step,
      Step,
      Step,
    ];
    // The switch is a unit as well, and would not count as armed.
    const off: Step = {
      ...arm,
      args: arm.args.map(([key, value]) => [key, key === 'switch' ? 'off' : value]),
    };
    expect(await host.run([off, activate, verify])).toMatchObject({
      failure: { code: 'unit_unhealthy', message: expect.stringContaining('activating') },
    });
  });
});

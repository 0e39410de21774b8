import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Step } from '../../src/host/protocol/protocol.js';
import { revertStep } from '../../src/host/steps/steps.js';
import type { Watch } from '../../src/host/steps/watch-args.js';
import type { ServiceAction } from '../../src/model/runs/app.js';
import { activationSteps, claim, deploy, ownership, WATCH } from './support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE } from './support/fake-host.js';
import { fakeRelease, NOW } from './support/fake-release.js';
import { codeOf } from './support/refused-step.js';
import { hostsAfter } from './support/templates.js';

const one = fakeRelease(1);
const two = fakeRelease(2);
const by = ownership(2);

const withOne = hostsAfter(async (template) => {
  await deploy(template, ownership(1), { from: null, to: one });
});

let host: FakeHost;
beforeEach(async () => {
  host = await withOne();
  await host.run([claim(by, one.id)]);
  await host.run([two.stage(by)], two.payload);
});
afterEach(() => host.stop());

const watchOf = (action: ServiceAction): Watch => ({
  ...WATCH,
  service: { ...SERVICE, action },
  healthyDeadlineMs: 500,
});

/** Has `systemctl ACTION` do nothing but fail, for each of them. */
function deny(...actions: readonly string[]): void {
  host.tool('systemctl-real', readFileSync(join(host.dir, 'bin/systemctl'), 'utf8'));
  const real = `${host.dir}/bin/systemctl-real`;
  const cases = actions.map((action) => `  ${action}) echo denied >&2; exit 1 ;;`).join('\n');
  host.tool('systemctl', `#!/bin/sh\ncase $1 in\n${cases}\nesac\nexec ${real} "$@"\n`);
}

const reverted = (watch: Watch): Step => revertStep(by, NOW, watch);

describe('the way back', () => {
  test('is done where no action was possible, and the process from before was never touched', async () => {
    deny('restart', 'reset-failed');
    const watch = watchOf('restart');
    const failed = await host.run(activationSteps(by, one.id, two.id, watch));
    expect(failed).toMatchObject({ failure: { code: 'service_failed' }, phase: 'linked' });
    const back = await host.run([reverted(watch)]);
    expect(codeOf(back)).toBe('ok');
    expect(JSON.stringify(back.events)).toContain('was never stopped');
    expect(host.current()).toBe(`releases/${one.id}`);
    expect(host.cwd('shop.service')).toContain(one.id);
  });

  test('is not done where the process of the new release cannot be stopped', async () => {
    const watch = watchOf('restart');
    await host.run(activationSteps(by, one.id, two.id, watch));
    deny('restart');
    expect(await host.run([reverted(watch)])).toMatchObject({
      phase: 'down',
      failure: { code: 'host_down', message: expect.stringContaining('systemctl restart') },
    });
  });

  test('restarts what can no longer be reloaded', async () => {
    const watch = watchOf('reload');
    host.unit('shop.service', { cwd: '/' });
    await host.run(activationSteps(by, one.id, two.id, watchOf('restart')));
    deny('reload');
    expect(await host.run([reverted(watch)])).toMatchObject({
      kind: 'ok',
      replies: [{ phase: 'idle' }],
    });
    expect(host.actions().at(-1)).toBe('restart shop.service');
  });

  test('ends in a host that is down where neither a reload nor a restart is possible', async () => {
    host.unit('shop.service', { cwd: '/' });
    await host.run(activationSteps(by, one.id, two.id, watchOf('restart')));
    deny('reload', 'restart');
    expect(await host.run([reverted(watchOf('reload'))])).toMatchObject({
      phase: 'down',
      failure: { code: 'host_down', message: expect.stringContaining('systemctl restart') },
    });
  });

  test('of a first deploy is done where nothing runs, whatever a stop says', async () => {
    const fresh = createFakeHost();
    try {
      fresh.unit('shop.service', { cwd: join(fresh.root, 'current'), 'fail-start': '' });
      const failed = await deploy(fresh, ownership(1), { from: null, to: one });
      expect(codeOf(failed)).toBe('service_failed');
      fresh.tool('systemctl-real', readFileSync(join(fresh.dir, 'bin/systemctl'), 'utf8'));
      fresh.tool(
        'systemctl',
        `#!/bin/sh\n[ "$1" != stop ] || exit 1\nexec ${fresh.dir}/bin/systemctl-real "$@"\n`,
      );
      const back = revertStep(ownership(1), NOW, watchOf('restart'));
      expect(codeOf(await fresh.run([back]))).toBe('ok');
      expect(fresh.current()).toBeNull();
    } finally {
      fresh.stop();
    }
  });

  test('is left to whoever took it over, as long as they live', async () => {
    const watch = { ...watchOf('restart'), minHealthyMs: 3_000, healthyDeadlineMs: 10_000 };
    await host.run(activationSteps(by, one.id, two.id, watchOf('restart')));
    const impatient = { ...watchOf('restart'), minHealthyMs: 9_000, healthyDeadlineMs: 1_000 };
    const first = host.run([reverted(impatient)]);
    const serves = (): boolean => host.cwd('shop.service')?.endsWith(one.id) === true;
    await expect.poll(serves, { timeout: 5_000 }).toBe(true);
    // What the first has seen by then is a unit that is not healthy for long enough.
    const second = host.run([reverted(watch)]);
    expect(codeOf(await second)).toBe('ok');
    expect(codeOf(await first)).toBe('ok');
    expect(host.state()).toMatchObject({ phase: 'idle' });
  });
});

test('verify says that the automatic rollback timer fired, where that is why', async () => {
  const [arm, activate, verify] = activationSteps(by, one.id, two.id, {
    ...watchOf('restart'),
    minHealthyMs: 2_000,
    healthyDeadlineMs: 500,
  }) as [Step, Step, Step];
  await host.run([arm, activate]);
  const watching = host.run([verify]);
  appendFileSync(join(host.root, '.fleet/state'), 'phase=reverting\n');
  expect(await watching).toMatchObject({
    failure: {
      code: 'wrong_phase',
      message: expect.stringContaining('the automatic rollback timer of this host fired'),
    },
  });
});

describe('a unit that remains active after its process has ended', () => {
  const active = { active: 'ActiveState=active', sub: 'SubState=exited' };

  test('is well, of any type, as systemd says so', async () => {
    host.tool('systemctl-real', readFileSync(join(host.dir, 'bin/systemctl'), 'utf8'));
    host.tool(
      'systemctl',
      `#!/bin/sh\n${host.dir}/bin/systemctl-real "$@" | sed 's/^SubState=running/${active.sub}/; s/^MainPID=.*/MainPID=0/'\n`,
    );
    host.unit('shop.service', { props: 'RemainAfterExit=yes\n' });
    const off = activationSteps(by, one.id, two.id, watchOf('restart'));
    expect(codeOf(await host.run(off))).toBe('ok');
  });

  test('is not well where it is a oneshot that was stopped', async () => {
    host.unit('shop.service', {
      type: 'oneshot',
      exec: 'exit 0',
      props: 'RemainAfterExit=yes\n',
    });
    expect(await host.run(activationSteps(by, one.id, two.id, watchOf('restart')))).toMatchObject({
      failure: { message: expect.stringContaining('shop.service is not running') },
    });
  });
});

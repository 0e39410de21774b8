import { execFileSync } from 'node:child_process';
import { readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { unclaimStep, verifyStep } from '../../src/host/steps/steps.js';
import { activationSteps, claim, deploy, ownership, revert, WATCH } from './support/deploy.js';
import { createFakeHost, type FakeHost } from './support/fake-host.js';
import { fakeRelease } from './support/fake-release.js';
import { codeOf } from './support/refused-step.js';

const two = fakeRelease(2);
const by = ownership(2);

let host: FakeHost;
afterEach(() => host.stop());

const link = (): string => join(host.root, 'current');

describe('a switch that could not be armed', () => {
  beforeEach(async () => {
    host = createFakeHost();
    host.unit('shop.service', { cwd: link() });
    await deploy(host, ownership(1), { from: null, to: fakeRelease(1) });
    await host.run([claim(by, fakeRelease(1).id)]);
    await host.run([two.stage(by)], two.payload);
    writeFileSync(join(host.dir, 'no-systemd-run'), '');
    const outcome = await host.run(activationSteps(by, fakeRelease(1).id, two.id));
    expect(outcome).toMatchObject({ phase: 'staged', failure: { code: 'dead_man_unavailable' } });
  });

  test('needs no way back, and says so as often as it is asked', async () => {
    const actions = host.actions();
    for (const step of [revert(by), revert(by)]) {
      const outcome = await host.run([step]);
      expect(outcome.replies).toMatchObject([{ ok: true, phase: 'staged', repeated: true }]);
    }
    expect(codeOf(await host.run([unclaimStep(by)]))).toBe('ok');
    expect(host.state()).toMatchObject({ phase: 'idle', run: '' });
    expect(host.actions()).toEqual(actions);
  });

  test('is nothing that another run, or a timer, may answer for', async () => {
    expect(codeOf(await host.run([revert({ ...by, txn: 'another' })]))).toBe('ok');
    const other = { ...ownership(3), epoch: by.epoch };
    expect(codeOf(await host.run([revert(other)]))).toBe('locked');
    const step = {
      verb: 'revert',
      args: [
        ['txn', by.txn],
        ['guard', '1'],
      ],
    } as const;
    expect(codeOf(await host.run([step]))).toBe('wrong_phase');
  });
});

describe('a unit whose restart is refused', () => {
  test('still runs from before, so the host is back as it was', async () => {
    host = createFakeHost();
    host.unit('shop.service', { cwd: link() });
    const one = fakeRelease(1);
    await deploy(host, ownership(1), { from: null, to: one });
    const pid = host.cwd('shop.service');
    await host.run([claim(by, one.id)]);
    await host.run([two.stage(by)], two.payload);
    const real = join(host.dir, 'bin/systemctl-real');
    execFileSync('cp', [join(host.dir, 'bin/systemctl'), real]);
    host.tool(
      'systemctl',
      `#!/bin/sh\ncase $1 in restart) echo 'a password is required' >&2; exit 1 ;; esac\nexec bash -c '. "$0"' "${real}" "$@"\n`,
    );
    expect(codeOf(await host.run(activationSteps(by, one.id, two.id)))).not.toBe('ok');
    expect(readlinkSync(link())).toBe(`releases/${two.id}`);
    expect(codeOf(await host.run([revert(by)]))).toBe('ok');
    expect(readlinkSync(link())).toBe(`releases/${one.id}`);
    expect(host.state()).toMatchObject({ phase: 'idle' });
    expect(host.cwd('shop.service')).toBe(pid);
    expect(codeOf(await host.run([verifyStep(by, WATCH)]))).toBe('wrong_phase');
  });
});

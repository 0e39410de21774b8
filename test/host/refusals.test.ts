import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Step } from '../../src/host/protocol/protocol.js';
import {
  activateStep,
  adoptStep,
  armStep,
  confirmStep,
  pruneSteps,
  renewStep,
  unclaimStep,
  verifyStep,
} from '../../src/host/steps/steps.js';
import { activationSteps, claim, deploy, ownership, revert, WATCH } from './support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE } from './support/fake-host.js';
import { fakeRelease, NOW } from './support/fake-release.js';
import { codeOf, without } from './support/refused-step.js';

let host: FakeHost;
beforeEach(() => {
  host = createFakeHost();
  host.unit('shop.service', { cwd: join(host.root, 'current') });
});
afterEach(() => host.stop());

const one = fakeRelease(1);
const two = fakeRelease(2);

describe('compare and set', () => {
  test('an older epoch is fenced, whatever it asks for', async () => {
    await deploy(host, ownership(5), { from: null, to: one });
    const old = ownership(4);
    const steps = [
      claim(old, one.id),
      one.stage(old),
      armStep(
        old,
        { from: one.id, to: one.id, version: '{}', deadMan: 'system', withinMs: 1 },
        WATCH,
      ),
      renewStep(old, 60_000),
      adoptStep(old, { owner: 'ada', leaseMs: 1, over: null, force: true }),
      revert(old),
      activateStep(old, SERVICE),
      verifyStep(old, WATCH),
      confirmStep(old, NOW),
      unclaimStep(old),
      ...pruneSteps(old, [one.id]),
    ];
    for (const step of steps) {
      const outcome = await host.run([step]);
      expect(outcome, step.verb).toMatchObject({ failure: { code: 'fenced', exit: 75 } });
    }
    expect(host.actions()).toEqual(['restart shop.service']);
  });

  test('a verb before its phase is refused, with the phase as found', async () => {
    const by = ownership(1);
    await host.run([claim(by, null)]);
    for (const step of [activateStep(by, SERVICE), verifyStep(by, WATCH), confirmStep(by, NOW)]) {
      const outcome = await host.run([step]);
      expect(outcome).toMatchObject({
        phase: 'claimed',
        failure: { code: 'wrong_phase', exit: 76, step: step.verb },
      });
    }
  });

  test('a whole call that is sent again gets its answers again, and does nothing', async () => {
    const by = ownership(1);
    await host.run([claim(by, null)]);
    await host.run([one.stage(by)], one.payload);
    const calls = [...activationSteps(by, null, one.id), confirmStep(by, NOW), unclaimStep(by)];
    await host.run(calls);
    const again = await host.run(calls);
    expect(again.kind).toBe('ok');
    expect(again.replies.map((reply) => reply.ok && reply.repeated)).toEqual(Array(5).fill(true));
    expect(codeOf(await host.run([one.stage(by)], one.payload))).toBe('ok');
    expect(host.actions()).toEqual(['restart shop.service']);
  });

  test('a claim is refused where current is not what the plan was made for', async () => {
    await deploy(host, ownership(1), { from: null, to: one });
    expect(codeOf(await host.run([claim(ownership(2), null)]))).toBe('moved');
    expect(host.state()).toMatchObject({ epoch: '1', phase: 'idle' });
  });

  test('a linked transaction keeps its claim; one that never linked is given up', async () => {
    await deploy(host, ownership(1), { from: null, to: one });
    const by = ownership(2);
    await host.run([claim(by, one.id)]);
    await host.run([two.stage(by)], two.payload);
    const [arm] = activationSteps(by, one.id, two.id);
    if (arm === undefined) throw new Error('the first step is arm');
    await host.run([arm]);
    expect(codeOf(await host.run([unclaimStep(by)]))).toBe('ok');
    expect(host.state()).toMatchObject({ phase: 'idle', run: '' });
    const next = ownership(3);
    await host.run([claim(next, one.id)]);
    await host.run(activationSteps(next, one.id, two.id));
    expect(codeOf(await host.run([unclaimStep(next)]))).toBe('wrong_phase');
  });

  test('an epoch is given out once: a claim that comes late claims nothing', async () => {
    const by = ownership(2);
    await deploy(host, ownership(1), { from: null, to: one });
    await host.run([claim(by, one.id)]);
    expect(await host.run([claim(by, one.id)])).toMatchObject({ replies: [{ repeated: true }] });
    await host.run([unclaimStep(by)]);
    expect(codeOf(await host.run([claim(by, one.id)]))).toBe('fenced');
    expect(host.state()).toMatchObject({ phase: 'idle', run: '' });
  });

  test('another step at work is waited for, and then named', async () => {
    await host.run([claim(ownership(1), null)]);
    host.tool('flock', '#!/bin/sh\nexec /usr/bin/flock -w 0.2 9\n');
    const lock = join(host.root, '.fleet/lock');
    const holder = execFileSync('sh', ['-c', `flock ${lock} sleep 5 >/dev/null 2>&1 & echo $!`]);
    const outcome = await host.run([renewStep(ownership(1), 1000)]);
    process.kill(Number(holder));
    expect(outcome).toMatchObject({
      failure: {
        code: 'locked',
        exit: 77,
        message: expect.stringContaining('another step has held'),
      },
    });
  });
});

describe('names', () => {
  test.each(['../x', 'a b', "a'b", 'a"b', '..', '.hidden', '-x', 'a/b', 'a..b', '', '$(id)', 'ä'])(
    'the release id %j is refused before anything is done',
    async (id) => {
      await host.run([claim(ownership(1), null)]);
      const before = readdirSync(host.dir, { recursive: true }).length;
      const outcome = await host.run([without(one.stage(ownership(1)), 'id', id)], one.payload);
      expect(codeOf(outcome)).toBe('release_id_invalid');
      expect(readdirSync(host.dir, { recursive: true })).toHaveLength(before);
    },
  );

  test.each([
    ['root', '/'],
    ['root', 'srv/shop'],
    ['unit', '-H'],
    ['unit', 'a b.service'],
    ['scope', 'global'],
    ['deadline_ms', '1e3'],
    ['deadline_ms', '010'],
    ['shared', '../x'],
    ['shared', 'a/../../x'],
    ['shared', '/etc'],
    ['shared', ''],
    ['command', 'true\nscope=user'],
    ['owner', '"ada\nphase=idle"'],
    ['what', 'ever'],
  ])('%s=%j is refused as usage', async (key, value) => {
    // The client passes the root itself; of two in one verb the second is taken.
    const step: Step = { verb: 'status', args: [[key, value]] };
    expect(codeOf(await host.run([step]))).toBe('usage');
  });

  test('that are too long for a file are refused', async () => {
    const longest = 'a'.repeat(128);
    const step = (id: string): Step => ({ verb: 'status', args: [['id', id]] });
    expect(codeOf(await host.run([step(longest)]))).toBe('ok');
    expect(codeOf(await host.run([step(`${longest}a`)]))).toBe('release_id_invalid');
  });

  test('of two roots in one call are refused', async () => {
    const other: Step = { verb: 'status', args: [['root', '/tmp/x']] };
    expect(codeOf(await host.run([other]))).toBe('ok');
    expect(codeOf(await host.run([{ verb: 'status', args: [] }, other]))).toBe('usage');
  });
});

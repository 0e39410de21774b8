import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Step } from '../../src/host/protocol/protocol.js';
import {
  activateStep,
  armStep,
  confirmStep,
  holdStep,
  type Ownership,
  pruneSteps,
  renewStep,
  unclaimStep,
  verifyStep,
} from '../../src/host/steps/steps.js';
import { activationSteps, claim, deploy, ownership, revert, WATCH } from './support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE } from './support/fake-host.js';
import { fakeRelease, NOW } from './support/fake-release.js';
import { codeOf } from './support/refused-step.js';

const one = fakeRelease(1);
const two = fakeRelease(2);
const by = ownership(2);

let host: FakeHost;
beforeEach(async () => {
  host = createFakeHost();
  host.unit('shop.service', { cwd: join(host.root, 'current') });
  await deploy(host, ownership(1), { from: null, to: one });
  await host.run([claim(by, one.id)]);
  await host.run([two.stage(by)], two.payload);
});
afterEach(() => host.stop());

const [arm, activate, verify] = activationSteps(by, one.id, two.id) as [Step, Step, Step];
const confirm = confirmStep(by, NOW);

const standing = (): string =>
  readFileSync(join(host.root, '.fleet/releases', two.id), 'utf8').split(' ')[0] ?? '';

/** Each step is refused by itself, in the same way, and changes nothing. */
async function expectRefused(code: string, steps: readonly Step[]): Promise<void> {
  const before = host.state();
  for (const step of steps) {
    expect(codeOf(await host.run([step])), step.verb).toBe(code);
    expect(host.state(), step.verb).toEqual(before);
  }
}

describe('a claim', () => {
  test('is held until it is given back, though its transaction is confirmed', async () => {
    await host.run([arm, activate, verify, confirm]);
    const other = ownership(3);
    const steps = [claim(other, two.id), one.stage(other), unclaimStep(other), revert(other)];
    await expectRefused('locked', steps);
  });

  test('is needed for whatever changes anything', async () => {
    await host.run([unclaimStep(by)]);
    const other = ownership(3);
    const move = {
      from: one.id,
      to: two.id,
      version: '{}',
      deadMan: 'system',
      withinMs: 60_000,
    } as const;
    const steps = [renewStep(other, 1000), armStep(other, move, WATCH)];
    await expectRefused('wrong_phase', [...steps, ...pruneSteps(other, [two.id])]);
  });

  test('is one of an epoch: the same run in a newer one has to take it first', async () => {
    await host.run([arm, activate, verify]);
    const newer: Ownership = { ...by, epoch: 3 };
    await expectRefused('wrong_phase', [
      renewStep(newer, 1000),
      two.stage({ ...newer, txn: 'run2-web2' }),
      confirmStep(newer, NOW),
      revert(newer),
    ]);
  });
});

describe('a claim of a newer epoch', () => {
  test('is not begun over an open transaction, of whichever run', async () => {
    await host.run([arm, activate, verify]);
    await expectRefused('wrong_phase', [claim({ ...by, epoch: 3 }, two.id)]);
  });
});

describe('a transaction', () => {
  test('takes no other release once it is armed', async () => {
    await host.run([arm]);
    await expectRefused('wrong_phase', [one.stage(by)]);
  });

  test('has no release deleted while it is open', async () => {
    await host.run([arm]);
    await expectRefused('wrong_phase', pruneSteps(by, [one.id]));
  });

  test('that is over is not rolled back in the claim of the next', async () => {
    await host.run([arm, activate, verify, confirm, unclaimStep(by)]);
    const next = ownership(3);
    await host.run([claim(next, two.id)]);
    await expectRefused('wrong_phase', [revert({ ...next, txn: by.txn })]);
  });

  test('is not touched by the steps of another one of its run', async () => {
    await host.run([arm, activate, verify]);
    const other: Ownership = { ...by, txn: 'run2-web2' };
    const steps = [
      activateStep(other, SERVICE),
      verifyStep(other, WATCH),
      confirmStep(other, NOW),
      revert(other),
    ];
    await expectRefused('wrong_phase', steps);
  });

  test('is not armed again for another release', async () => {
    await host.run([arm]);
    const move = {
      from: one.id,
      to: one.id,
      version: '{}',
      deadMan: 'system',
      withinMs: 60_000,
    } as const;
    await expectRefused('wrong_phase', [armStep(by, move, WATCH)]);
  });

  test('that was not verified is not confirmed', async () => {
    await host.run([arm, activate]);
    await expectRefused('wrong_phase', [confirm]);
    expect(standing()).toBe('staged');
  });

  test('makes its release a healthy one by its confirmation, and not before', async () => {
    await host.run([arm, activate, verify]);
    expect(standing()).toBe('staged');
    await host.run([confirm]);
    expect(standing()).toBe('healthy');
  });

  test('that was rolled back is not gone on with', async () => {
    await host.run([arm, activate, revert(by)]);
    expect(host.state().phase).toBe('idle');
    await expectRefused('wrong_phase', [arm, activate, verify, confirm]);
  });

  test('that was held is not gone on with, and its release is bad', async () => {
    await host.run([arm, activate, holdStep(by, NOW)]);
    expect(host.state().phase).toBe('down');
    await expectRefused('wrong_phase', [arm, activate, verify, confirm]);
    expect(standing()).toBe('bad');
  });

  test('whose link has moved before that was written down keeps its claim', async () => {
    await host.run([arm, activate]);
    appendFileSync(join(host.root, '.fleet/state'), 'phase=armed\n');
    await expectRefused('wrong_phase', [unclaimStep(by)]);
    expect(host.current()).toBe(`releases/${two.id}`);
  });
});

import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  adoptStep,
  confirmStep,
  type Ownership,
  renewStep,
  revertStep,
  unclaimStep,
  verifyStep,
} from '../../src/host/steps/steps.js';
import { asRunId } from '../../src/model/names.js';
import { activationSteps, claim, deploy, ownership, WATCH } from './support/deploy.js';
import type { FakeHost } from './support/fake-host.js';
import { fakeRelease, NOW } from './support/fake-release.js';
import { hostsAfter } from './support/templates.js';

const one = fakeRelease(1);
const two = fakeRelease(2);
const dead = ownership(2);
const heir: Ownership = { epoch: 3, run: asRunId('run3'), txn: 'run3-web1' };
const tenure = { owner: 'ada@bastion', leaseMs: 60_000 };

const withOne = hostsAfter(async (template) => {
  await deploy(template, ownership(1), { from: null, to: one });
});

let host: FakeHost;
beforeEach(async () => {
  host = await withOne();
  await host.run([claim(dead, one.id)]);
  await host.run([two.stage(dead)], two.payload);
});
afterEach(() => host.stop());

const codeOf = async (steps: Parameters<FakeHost['run']>[0]) => {
  const outcome = await host.run(steps);
  return outcome.kind === 'failed' ? outcome.failure.code : outcome.kind;
};

const adopt = (over: Ownership, force = false) =>
  adoptStep(heir, { ...tenure, over: over.run, force });

/** The owner has not been heard of for longer than the lease. */
function expire(): void {
  appendFileSync(join(host.root, '.fleet/state'), 'lease=0\n');
}

describe('a claim', () => {
  test('is respected while its lease is good', async () => {
    const outcome = await host.run([adopt(dead)]);
    expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'locked', exit: 77 } });
    expect(outcome.kind === 'failed' && outcome.failure.message).toMatch(
      /run2, whose lease has \d+ s left/,
    );
    expect(await codeOf([claim(heir, one.id)])).toBe('locked');
  });

  test('is taken over when its lease has run out, and fences the one who had it', async () => {
    await host.run(activationSteps(dead, one.id, two.id));
    expire();
    expect(await codeOf([adopt(dead)])).toBe('ok');
    expect(host.state()).toMatchObject({
      phase: 'verified',
      run: 'run3',
      epoch: '3',
      txn: dead.txn,
    });
    for (const step of [
      verifyStep(dead, WATCH),
      confirmStep(dead, NOW),
      renewStep(dead, 1000),
      revertStep(dead, NOW, WATCH),
      unclaimStep(dead),
    ]) {
      expect(await codeOf([step]), step.verb).toBe('fenced');
    }
    expect(host.current()).toBe(`releases/${two.id}`);
    const open = { ...heir, txn: dead.txn };
    expect(await codeOf([revertStep(open, NOW, WATCH), unclaimStep(open)])).toBe('ok');
    expect(host.current()).toBe(`releases/${one.id}`);
    expect(host.state()).toMatchObject({ phase: 'idle', run: '', epoch: '3' });
  });

  test('is taken by force from a run that is known to be dead', async () => {
    expect(await codeOf([adopt(dead, true)])).toBe('ok');
    expect(await codeOf([unclaimStep(heir)])).toBe('ok');
    expect(host.state().phase).toBe('idle');
  });

  test('is not taken from another run than the one that was named', async () => {
    expire();
    expect(await codeOf([adoptStep(heir, { ...tenure, over: asRunId('run9'), force: true })])).toBe(
      'locked',
    );
    expect(await codeOf([adoptStep(heir, { ...tenure, over: null, force: true })])).toBe('locked');
  });

  test('is given to one of two that ask for it in the same epoch', async () => {
    expire();
    expect(await codeOf([adopt(dead)])).toBe('ok');
    const late = { ...heir, run: asRunId('run4'), txn: 'run4-web1' };
    expect(await codeOf([adoptStep(late, { ...tenure, over: dead.run, force: true })])).toBe(
      'fenced',
    );
    expect(await host.run([adopt(dead)])).toMatchObject({ replies: [{ repeated: true }] });
  });

  test('is good again once its owner was heard of', async () => {
    expire();
    expect(await codeOf([renewStep(dead, 60_000)])).toBe('ok');
    expect(await codeOf([adopt(dead)])).toBe('locked');
  });

  test('counts its lease anew from a boot', async () => {
    appendFileSync(join(host.root, '.fleet/state'), 'renewed=99999999:another-boot\n');
    expect(await codeOf([adopt(dead)])).toBe('ok');
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Step } from '../../src/host/protocol/protocol.js';
import { readStatus } from '../../src/host/reply/facts.js';
import {
  armStep,
  confirmStep,
  revertStep,
  statusStep,
  verifyStep,
} from '../../src/host/steps/steps.js';
import { undoStep } from '../../src/host/steps/undo-step.js';
import { asReleaseId } from '../../src/model/names.js';
import type { Earlier } from '../../src/model/releases/choose/earlier.js';
import { activationSteps, claim, deploy, ownership, WATCH } from './support/deploy.js';
import { type FakeHost, SERVICE, SHELLS } from './support/fake-host.js';
import { fakeRelease, NOW } from './support/fake-release.js';
import { hostsAfter } from './support/templates.js';

const one = fakeRelease(1);
const two = fakeRelease(2);
const by = ownership(2);
const EARLIER: Earlier = { ran: [{ kind: 'release', id: asReleaseId('r0') }], isWhole: true };
const FIRED: Step = {
  verb: 'revert',
  args: [
    ['txn', by.txn],
    ['guard', '1'],
    ['unit', 'shop.service'],
  ],
};

let host: FakeHost;
afterEach(() => host.stop());

const withOne = hostsAfter(async (template) => {
  await deploy(template, ownership(1), { from: null, to: one });
});

/** A host on `one`, claimed by run 2, which has `two` staged there. */
async function begin(shell?: (typeof SHELLS)[number]): Promise<void> {
  host = await withOne(shell);
  await host.run([claim(by, one.id)]);
  await host.run([two.stage(by)], two.payload);
}

const standing = (): string =>
  readFileSync(join(host.root, '.fleet/releases', two.id), 'utf8').split(' ')[0] ?? '';

const switching = (record?: { kind: 'deploy' | 'rollback'; earlier: Earlier }) => {
  const [, ...rest] = activationSteps(by, one.id, two.id);
  const move = { from: one.id, to: two.id, version: '{}', record } as const;
  return [armStep(by, { ...move, deadMan: 'system', withinMs: 60_000 }, WATCH), ...rest];
};

const PATHS_BACK: readonly (readonly [string, Step])[] = [
  ['its timer fires', FIRED],
  ['a recovery ends it', undoStep(by, NOW, WATCH)],
];

describe.each(SHELLS)('in %s a release', (shell) => {
  test.each(PATHS_BACK)('that was only interrupted is not bad: %s', async (_, way) => {
    await begin(shell);
    expect((await host.run(switching())).kind).toBe('ok');
    expect((await host.run([way])).kind).toBe('ok');
    expect(host.current()).toBe(`releases/${one.id}`);
    expect(standing()).toBe('staged');
  });

  test.each(PATHS_BACK)('that was not healthy is bad, though %s', async (_, way) => {
    await begin(shell);
    writeFileSync(join(host.root, 'sick'), '');
    host.unit('shop.service', { exec: 'exit 3' });
    // Long enough for the process to be seen dead.
    const verify = verifyStep(by, { ...WATCH, minHealthyMs: 1_500 });
    expect((await host.run([...switching().slice(0, -1), verify])).kind).toBe('failed');
    host.unit('shop.service', { exec: 'exec sleep 300' });
    expect((await host.run([way])).kind).toBe('ok');
    expect(standing()).toBe('bad');
  });

  test('that the run itself goes back from is bad', async () => {
    await begin(shell);
    await host.run([...switching(), confirmStep(by, NOW)]);
    expect(standing()).toBe('healthy');
    expect((await host.run([revertStep(by, NOW, WATCH)])).kind).toBe('ok');
    expect(standing()).toBe('bad');
  });

  test('and what the host ran before it are told, as the run wrote them down', async () => {
    await begin(shell);
    await host.run([...switching({ kind: 'rollback', earlier: EARLIER }), confirmStep(by, NOW)]);
    const outcome = await host.run([statusStep(SERVICE)]);
    expect(readStatus(outcome.events)?.state).toMatchObject({ kind: 'rollback', ran: EARLIER });
  });
});

test('a list that is none in the state of a host is passed over', async () => {
  await begin();
  writeFileSync(join(host.root, '.fleet/state'), 'ran=$(id) x\nkind=no\n', { flag: 'a' });
  const outcome = await host.run([statusStep(SERVICE)]);
  const unknown = { kind: null, ran: { ran: [], isWhole: false } };
  expect(readStatus(outcome.events)?.state).toMatchObject(unknown);
});

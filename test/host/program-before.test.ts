import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHostClient, type HostClient } from '../../src/host/client.js';
import type { HostProgram } from '../../src/host/program.js';
import type { Step } from '../../src/host/protocol/protocol.js';
import { readFacts } from '../../src/host/reply/facts.js';
import { adoptStep, confirmStep, factsStep, unclaimStep } from '../../src/host/steps/steps.js';
import { activationSteps, claim, deploy, ownership, revert } from './support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE } from './support/fake-host.js';
import { fakeRelease, NOW } from './support/fake-release.js';
import { localConnection } from './support/local-connection.js';

/** The host program of the version before, with its fragments joined; its claim ends by `release`. */
const BEFORE = programBefore(new URL('./program-before.sh.gz', import.meta.url));

const [one, two] = [fakeRelease(1), fakeRelease(2)];
const [before, after] = [ownership(2), { ...ownership(3), txn: ownership(2).txn }];

let host: FakeHost;
let older: HostClient;
beforeEach(async () => {
  host = createFakeHost();
  host.unit('shop.service', { type: 'simple', readiness: '' });
  const connect = localConnection({ env: host.env, ownGroup: true });
  older = createHostClient({ connect, root: host.root, program: BEFORE });
  expect(await deploy(host, ownership(1), { from: null, to: one })).toMatchObject({ kind: 'ok' });
});
afterEach(() => host.stop());

test('what the program before has armed is adopted, reverted and given up', async () => {
  await openBefore();
  expect(host.current()).toBe(`releases/${two.id}`);
  expect(await host.run([adopt(), revert(after), unclaimStep(after)])).toMatchObject({
    kind: 'ok',
  });
  expect(host.current()).toBe(`releases/${one.id}`);
  expect(host.state()).toMatchObject({ phase: 'idle', run: '', switch: '' });
});

test('what the program before has armed is adopted and confirmed', async () => {
  await openBefore();
  expect(await host.run([adopt(), confirmStep(after, NOW), unclaimStep(after)])).toMatchObject({
    kind: 'ok',
  });
  expect(host.current()).toBe(`releases/${two.id}`);
});

test('a claim of the program before is given up, and the next one is taken', async () => {
  await older.run([claim(before, one.id)], { timeoutMs: 30_000 });
  expect(await host.run([unclaimStep(before), claim(ownership(4), one.id)])).toMatchObject({
    kind: 'ok',
  });
});

test('its log and state are read after it has given up a claim itself', async () => {
  const release = { ...unclaimStep(before), verb: 'release' };
  await older.run([claim(before, one.id)], { timeoutMs: 30_000 });
  await inOlderWords(release);
  const outcome = await host.run([factsStep(SERVICE, [], { releases: true })]);
  expect(readFacts(outcome.events)).toMatchObject({ run: null, phase: 'idle', epoch: 2 });
});

/** Stages and activates the second release by the older program; the transaction stays open. */
async function openBefore(): Promise<void> {
  const calls: readonly (readonly Step[])[] = [
    [claim(before, one.id)],
    [two.withoutManifest().stage(before)],
    activationSteps(before, one.id, two.id),
  ];
  for (const [index, steps] of calls.entries()) {
    const payload = index === 1 ? { payload: two.withoutManifest().payload } : {};
    expect(await older.run(steps, { timeoutMs: 30_000, ...payload })).toMatchObject({ kind: 'ok' });
  }
}

const adopt = (): Step =>
  adoptStep(after, { owner: 'eve@bastion', leaseMs: 60_000, over: before.run, force: true });

/** Calls the older program by hand, since no step has its words any more. */
async function inOlderWords({ verb, args }: { verb: string; args: Step['args'] }): Promise<void> {
  const words = [`root=${host.root}`, ...args.map(([key, value]) => `${key}=${value}`)];
  const program = `${host.root}/.fleet/bin/${BEFORE.sha256}`;
  const line = ['sh', program, 'step', verb, ...words].map((word) => `'${word}'`).join(' ');
  const connection = localConnection({ env: host.env });
  expect(await connection.exec(line, { timeoutMs: 30_000 })).toMatchObject({ code: 0 });
  await connection.close();
}

function programBefore(file: URL): HostProgram {
  const text = gunzipSync(readFileSync(file)).toString('utf8');
  return { text, sha256: createHash('sha256').update(text).digest('hex') };
}

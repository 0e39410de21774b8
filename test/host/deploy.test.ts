import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readFacts, readStatus } from '../../src/host/reply/facts.js';
import {
  confirmStep,
  factsStep,
  holdStep,
  statusStep,
  unclaimStep,
} from '../../src/host/steps/steps.js';
import { activationSteps, claim, deploy, ownership, revert, WATCH } from './support/deploy.js';
import { ALL_SHELLS, createFakeHost, type FakeHost, SERVICE } from './support/fake-host.js';
import { fakeRelease, NOW, readVersion } from './support/fake-release.js';

let host: FakeHost;
afterEach(() => host.stop());

const one = fakeRelease(1);
const two = fakeRelease(2);

describe.each(ALL_SHELLS)('under %s', (shell) => {
  function start(): FakeHost {
    host = createFakeHost(shell);
    host.unit('shop.service', { cwd: join(host.root, 'current') });
    return host;
  }

  test('a first deploy ends idle on the release, with the process in it', async () => {
    start();
    expect(await deploy(host, ownership(1), { from: null, to: one })).toMatchObject({ kind: 'ok' });
    expect(host.current()).toBe(`releases/${one.id}`);
    expect(readVersion(host.root, one.id)).toEqual({ activated: one.id });
    expect(host.cwd('shop.service')).toBe(realpathSync(join(host.root, 'current')));
    expect(host.state()).toMatchObject({ phase: 'idle', run: '', to: one.id, epoch: '1' });
  });

  test('facts and status agree on what serves, and give back any text', async () => {
    start();
    await deploy(host, ownership(1), { from: null, to: one });
    const facts = await host.run([factsStep(SERVICE, [], { releases: true })]);
    const read = readFacts(facts.events);
    expect(read).toMatchObject({
      phase: 'idle',
      current: { kind: 'link', release: one.id },
      root: 'ok',
      units: [{ unit: 'shop.service', active: 'active', sub: 'running', serving: one.id }],
      releases: [{ id: one.id, standing: 'healthy', complete: true, meta: one.meta }],
    });
    const status = await host.run([statusStep(SERVICE)]);
    expect(readStatus(status.events)?.units).toEqual(read?.units);
  });

  test('a claim tells of its owner, whatever the name holds', async () => {
    start();
    await host.run([claim(ownership(1), null)]);
    const other = await host.run([claim(ownership(2), null)]);
    expect(other).toMatchObject({ kind: 'failed', failure: { code: 'locked', exit: 77 } });
    expect(other.kind === 'failed' && other.failure.message).toContain(
      `run1 of O'Neil "x" $(id) Jörg@bastion`,
    );
  });

  test('a revert goes back to the recorded release, restarts it and marks the other bad', async () => {
    start();
    await deploy(host, ownership(1), { from: null, to: one });
    const by = ownership(2);
    await host.run([claim(by, one.id)]);
    await host.run([two.stage(by)], two.payload);
    await host.run(activationSteps(by, one.id, two.id));
    expect(host.current()).toBe(`releases/${two.id}`);
    expect(await host.run([revert(by), unclaimStep(by)])).toMatchObject({ kind: 'ok' });
    expect(host.current()).toBe(`releases/${one.id}`);
    expect(host.cwd('shop.service')).toBe(join(realpathSync(host.root), 'releases', one.id));
    expect(readFileSync(join(host.root, '.fleet/releases', two.id), 'utf8')).toMatch(/^bad /);
    expect(host.state()).toMatchObject({ phase: 'idle', run: '' });
  });

  test('a confirmed host can still be rolled back by its own transaction', async () => {
    start();
    await deploy(host, ownership(1), { from: null, to: one });
    const by = ownership(2);
    await host.run([claim(by, one.id)]);
    await host.run([two.stage(by)], two.payload);
    await host.run([...activationSteps(by, one.id, two.id), confirmStep(by, NOW)]);
    expect(await host.run([revert(by)])).toMatchObject({ kind: 'ok' });
    expect(host.current()).toBe(`releases/${one.id}`);
    await host.run([unclaimStep(by)]);
    expect(await host.run([revert(by)])).toMatchObject({
      kind: 'ok',
      replies: [{ repeated: true }],
    });
  });

  test('reverting a first deploy leaves neither current nor a running unit', async () => {
    start();
    const by = ownership(1);
    await host.run([claim(by, null)]);
    await host.run([one.stage(by)], one.payload);
    await host.run(activationSteps(by, null, one.id));
    expect(await host.run([revert(by)])).toMatchObject({ kind: 'ok' });
    expect(existsSync(join(host.root, 'current'))).toBe(false);
    expect(host.cwd('shop.service')).toBeNull();
    expect(host.actions()).toEqual(['restart shop.service', 'stop shop.service']);
  });

  test('a release that dies after its start fails verify, with the journal', async () => {
    start();
    await deploy(host, ownership(1), { from: null, to: one });
    host.unit('shop.service', { exec: 'echo cannot bind; sleep 0.3; exit 3' });
    const by = ownership(2);
    await host.run([claim(by, one.id)]);
    await host.run([two.stage(by)], two.payload);
    const watch = { ...WATCH, minHealthyMs: 800 };
    const outcome = await host.run(activationSteps(by, one.id, two.id, watch));
    expect(outcome).toMatchObject({
      kind: 'failed',
      phase: 'restarted',
      failure: { step: 'verify', code: 'unit_unhealthy', journal: ['cannot bind'] },
    });
    host.unit('shop.service', { exec: 'exec sleep 1000' });
    expect(await host.run([revert(by)])).toMatchObject({ kind: 'ok' });
    expect(host.current()).toBe(`releases/${one.id}`);
  });

  test('a host that cannot be rolled back is down; hold leaves it as it is', async () => {
    start();
    await deploy(host, ownership(1), { from: null, to: one });
    host.unit('shop.service', { 'fail-start': '' });
    const by = ownership(2);
    await host.run([claim(by, one.id)]);
    await host.run([two.stage(by)], two.payload);
    const failed = await host.run(activationSteps(by, one.id, two.id));
    expect(failed).toMatchObject({ failure: { step: 'activate', code: 'service_failed' } });
    expect(await host.run([revert(by)])).toMatchObject({
      phase: 'down',
      failure: { code: 'host_down' },
    });
    expect(host.current()).toBe(`releases/${one.id}`);
    expect(await host.run([holdStep(by, NOW)])).toMatchObject({ replies: [{ repeated: true }] });
    await host.run([unclaimStep(by)]);
    expect(host.state()).toMatchObject({ phase: 'down', run: '' });
  });

  test('current as a real folder is refused; nothing is made or deleted', async () => {
    start();
    mkdirSync(join(host.root, 'current'), { recursive: true });
    writeFileSync(join(host.root, 'current/mine'), 'mine');
    const facts = await host.run([factsStep(SERVICE, [], { releases: false })]);
    expect(readFacts(facts.events)?.current).toEqual({ kind: 'foreign', what: 'a folder' });
    expect(await host.run([claim(ownership(1), null)])).toMatchObject({
      kind: 'failed',
      failure: { code: 'current_not_a_link' },
    });
    expect(readFileSync(join(host.root, 'current/mine'), 'utf8')).toBe('mine');
    expect(existsSync(join(host.root, '.fleet/state'))).toBe(false);
  });
});

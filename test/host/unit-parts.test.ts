import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { UnitReading } from '../../src/host/protocol/protocol.js';
import { readFacts, readProbe, readStatus } from '../../src/host/reply/facts.js';
import { factsStep, probeStep, statusStep } from '../../src/host/steps/steps.js';
import type { Service } from '../../src/model/runs/app.js';
import { activationSteps, claim, ownership, revert, WATCH } from './support/deploy.js';
import { createFakeHost, type FakeHost } from './support/fake-host.js';
import { fakeRelease } from './support/fake-release.js';

const one = fakeRelease(1);
const two = fakeRelease(2);
/** A service that dies on the second release. */
const DIES_ON_TWO = `case $(pwd -P) in *${two.id}) exit 3 ;; esac; exec sleep 1000`;

let host: FakeHost;
beforeEach(() => {
  host = createFakeHost();
});
afterEach(() => host.stop());

const serviceOf = (...units: readonly string[]): Service => ({
  units,
  action: 'restart',
  scope: 'system',
});

const watchOf = (service: Service) => ({ ...WATCH, service, minHealthyMs: 400 });

/** Claims, stages and switches as run `number`. */
async function move(number: number, service: Service) {
  const [from, to] = number === 1 ? [null, one] : [one.id, two];
  const by = ownership(number);
  await host.run([claim(by, from)]);
  await host.run([to.stage(by)], to.payload);
  return await host.run(activationSteps(by, from, to.id, watchOf(service)));
}

/** A host whose first release was verified. */
async function begin(service: Service): Promise<void> {
  expect(await move(1, service)).toMatchObject({ kind: 'ok' });
  const by = ownership(1);
  await host.run([
    {
      verb: 'confirm',
      args: [
        ['epoch', '1'],
        ['run', by.run],
        ['txn', by.txn],
      ],
    },
    {
      verb: 'unclaim',
      args: [
        ['epoch', '1'],
        ['run', by.run],
        ['txn', by.txn],
      ],
    },
  ]);
}

async function read(service: Service): Promise<readonly UnitReading[]> {
  return readStatus((await host.run([statusStep(service)])).events)?.units ?? [];
}

const here = (): { cwd: string } => ({ cwd: join(host.root, 'current') });

describe('a target', () => {
  const service = serviceOf('shop.target');

  beforeEach(() => {
    host.unit('shop.target', {
      props: 'Wants=shop.service db.service\nConsistsOf=shop.service\nRequires=sysinit.target\n',
    });
    host.unit('shop.service', { ...here(), exec: DIES_ON_TWO });
    host.unit('db.service', {});
  });

  test('is not well where a service that it wants has died, and goes back', async () => {
    await begin(service);
    expect(await move(2, service)).toMatchObject({
      failure: { step: 'verify', message: expect.stringContaining('shop.service failed') },
    });
    expect(await host.run([revert(ownership(2), watchOf(service))])).toMatchObject({ kind: 'ok' });
    expect(host.cwd('shop.service')).toContain(one.id);
  });

  test('leaves the process of what it wants and does not restart', async () => {
    await begin(service);
    const before = host.cwd('db.service');
    host.unit('shop.service', { exec: 'exec sleep 1000' });
    expect(await move(2, service)).toMatchObject({ kind: 'ok' });
    expect(host.cwd('db.service')).toBe(before);
    expect(host.cwd('shop.service')).toContain(two.id);
  });

  test('needs a new process of what it restarts', async () => {
    await begin(service);
    // PartOf= was taken out, so a restart of the target leaves the service alone.
    host.unit('shop.target', { props: 'Wants=shop.service db.service\nRequiredBy=shop.service\n' });
    host.unit('shop.service', { cwd: '/' });
    expect(await move(2, service)).toMatchObject({
      failure: { message: expect.stringContaining('shop.service still') },
    });
  });

  test('is told with what is behind it, and what of that is dead', async () => {
    await begin(service);
    const facts = readFacts((await host.run([factsStep(service, [], { releases: false })])).events);
    expect(facts?.units).toMatchObject([
      {
        unit: 'shop.target',
        serving: one.id,
        parts: [
          { unit: 'shop.service', active: 'active', started: true, restarted: true },
          { unit: 'db.service', started: true, restarted: false, triggered: null },
        ],
      },
    ]);
    expect((await read(service))[0]?.dead).toBeUndefined();
    host.unit('db.service', { pid: '999999999' });
    expect((await read(service))[0]?.dead).toMatch(/^db\.service failed/);
  });

  test('is looked into as far as targets go, and each unit once', async () => {
    host.unit('shop.target', { props: 'Wants=in.target\nConsistsOf=in.target\n' });
    host.unit('in.target', {
      props: 'Wants=shop.service shop.target\nConsistsOf=shop.service\nPartOf=shop.target\n',
    });
    await begin(service);
    expect((await read(service))[0]?.parts).toMatchObject([
      { unit: 'shop.service', started: true, restarted: true },
    ]);
  });

  test('that wants what is not installed is as systemd takes it: without that', async () => {
    host.unit('shop.target', {
      props: 'Wants=shop.service gone.service\nConsistsOf=shop.service\n',
    });
    await begin(service);
    expect((await read(service))[0]?.parts).toHaveLength(1);
  });

  test('whose service did not run before and that nothing starts is well without it', async () => {
    host.unit('shop.target', {
      props: 'Wants=shop.service\nConsistsOf=shop.service other.service\n',
    });
    host.unit('other.service', {});
    await begin(service);
    expect((await read(service))[0]).toMatchObject({ parts: [{}, { active: 'inactive' }] });
    expect((await read(service))[0]?.dead).toBeUndefined();
  });

  test('whose service ran before and was only stopped with it is not well', async () => {
    host.unit('shop.target', { props: 'Wants=db.service\nConsistsOf=shop.service\n' });
    host.unit('shop.service', { exec: 'exec sleep 1000' });
    const { spawnSync } = await import('node:child_process');
    spawnSync(join(host.dir, 'bin/systemctl'), ['start', 'db.service']);
    host.unit('shop.service', { cwd: '/' });
    spawnSync(join(host.dir, 'bin/systemctl'), ['start', 'shop.service']);
    const stopStart = { ...service, action: 'stop-start' } as const;
    expect(await move(1, stopStart)).toMatchObject({
      failure: { message: expect.stringContaining('shop.service is not running') },
    });
  });
});

describe('a socket', () => {
  const alone = serviceOf('shop.socket');

  beforeEach(() => {
    host.unit('shop.socket', {
      props: 'Triggers=shop.service\nRequires=sysinit.target system.slice\n',
    });
    host.unit('shop.service', {
      ...here(),
      exec: DIES_ON_TWO,
      props: 'TriggeredBy=shop.socket\n',
    });
  });

  test('is well while its service was not needed yet, and not when that has died', async () => {
    expect(await move(1, alone)).toMatchObject({ kind: 'ok' });
    expect((await read(alone))[0]?.dead).toBeUndefined();
    host.unit('shop.service', { pid: '999999999' });
    expect((await read(alone))[0]?.dead).toMatch(/^shop\.service failed/);
    const probe = await host.run([probeStep(alone, [])]);
    expect(readProbe(probe.events)).toMatchObject({ healthy: false });
  });

  test.each([
    ['restart', ['shop.socket', 'shop.service']],
    ['restart', ['shop.service', 'shop.socket']],
    ['stop-start', ['shop.service', 'shop.socket']],
  ] as const)(
    'with its service is stopped and started as a pair by %s of %j',
    async (action, units) => {
      const pair: Service = { ...serviceOf(...units), action };
      await begin(pair);
      const before = host.actions().length;
      host.unit('shop.service', { exec: 'exec sleep 1000' });
      expect(await move(2, pair)).toMatchObject({ kind: 'ok' });
      expect(host.actions().slice(before)).toEqual([
        'stop shop.socket',
        'stop shop.service',
        'start shop.socket',
        'start shop.service',
      ]);
      expect(host.cwd('shop.service')).toContain(two.id);
    },
  );

  test('with its service goes back as a pair', async () => {
    const pair = serviceOf('shop.socket', 'shop.service');
    await begin(pair);
    expect(await move(2, pair)).toMatchObject({ failure: { step: 'verify' } });
    expect(await host.run([revert(ownership(2), watchOf(pair))])).toMatchObject({ kind: 'ok' });
    expect(host.cwd('shop.service')).toContain(one.id);
  });

  test('keeps a service that has ended well ready, which is then up without running', async () => {
    const service = serviceOf('shop.service');
    await begin(service);
    const { spawnSync } = await import('node:child_process');
    spawnSync(join(host.dir, 'bin/systemctl'), ['stop', 'shop.service']);
    expect((await read(service))[0]?.onCall).toBeUndefined();
    spawnSync(join(host.dir, 'bin/systemctl'), ['start', 'shop.socket']);
    expect((await read(service))[0]?.onCall).toBe(true);
    const probe = await host.run([probeStep(service, [])]);
    expect(readProbe(probe.events)).toMatchObject({ healthy: true });
  });
});

describe('a timer', () => {
  const service = serviceOf('shop.timer');

  beforeEach(() => {
    host.unit('shop.timer', { props: 'Triggers=shop.service\n' });
    host.unit('shop.service', { ...here(), props: 'TriggeredBy=shop.timer\n' });
  });

  test('whose job had failed before the switch may be deployed', async () => {
    host.unit('shop.service', { pid: '999999999', invocation: 'old' });
    expect((await read(service))[0]?.dead).toMatch(/^shop\.service failed/);
    await begin(service);
    expect((await read(service))[0]?.dead).toBeUndefined();
  });

  test('whose job fails on the new release is not well', async () => {
    await begin(service);
    host.unit('shop.service', { pid: '999999999', invocation: 'new' });
    expect((await read(service))[0]?.dead).toMatch(/^shop\.service failed/);
    const probe = await host.run([probeStep(service, [])]);
    expect(readProbe(probe.events)).toMatchObject({ healthy: false });
  });
});

test('units of a stop-start are all stopped, from the last to the first, before the first is started', async () => {
  const service: Service = { ...serviceOf('a.service', 'b.service'), action: 'stop-start' };
  for (const name of service.units) host.unit(name, here());
  await begin(service);
  expect(host.actions()).toEqual([
    'stop b.service',
    'stop a.service',
    'start a.service',
    'start b.service',
  ]);
});

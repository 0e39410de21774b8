import { appendFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readDrift } from '../../src/host/reply/drift.js';
import { type Glanced, glanceStep } from '../../src/host/steps/compare-step.js';
import { factsStep } from '../../src/host/steps/steps.js';
import { deploy, ownership } from './support/deploy.js';
import {
  ALL_SHELLS,
  createFakeHost,
  type FakeHost,
  SERVICE,
  type Shell,
} from './support/fake-host.js';
import { fakeRelease } from './support/fake-release.js';

const [one, two, three] = [fakeRelease(1, { app: 'one' }), fakeRelease(2), fakeRelease(3)];

let host: FakeHost;
afterEach(() => host.stop());

async function openHost(shell?: Shell): Promise<void> {
  host = createFakeHost(shell);
  host.unit('shop.service', { cwd: join(host.root, 'current') });
  await deploy(host, ownership(1), { from: null, to: one });
}

async function glance(glanced: Glanced = 'before') {
  const facts = factsStep(SERVICE, [], { releases: true });
  const outcome = await host.run([facts, glanceStep(glanced)]);
  expect(outcome).toMatchObject({ kind: 'ok' });
  return readDrift(outcome.events).map(({ release, state, by }) => ({ release, state, by }));
}

const intact = (release: string) => [{ release, state: 'intact', by: 'stamp' }];
const fileOf = (id: string) => join(host.root, 'releases', id, 'app');

describe.each(ALL_SHELLS)('with %s', (shell) => {
  test('a host glances at what it ran before, in the call that reads its facts', async () => {
    await openHost(shell);
    expect(await glance()).toEqual([]);
    await deploy(host, ownership(2), { from: one.id, to: two });
    expect(await glance()).toEqual(intact(one.id));
  });
});

test('a host glances at the release that is named', async () => {
  await openHost();
  await deploy(host, ownership(2), { from: one.id, to: two });
  await deploy(host, ownership(3), { from: two.id, to: three });
  expect(await glance(one.id)).toEqual(intact(one.id));
  expect(await glance()).toEqual(intact(two.id));
});

test('nothing is said of a release that only its contents can tell of', async () => {
  await openHost();
  await deploy(host, ownership(2), { from: one.id, to: two });
  utimesSync(fileOf(one.id), new Date(), new Date());
  expect(await glance()).toEqual([]);
  appendFileSync(fileOf(one.id), 'x');
  expect(await glance()).toEqual([]);
});

test('a release that was found bad is passed over', async () => {
  await openHost();
  await deploy(host, ownership(2), { from: one.id, to: two });
  await deploy(host, ownership(3), { from: two.id, to: three });
  const state = join(host.root, '.fleet/state');
  appendFileSync(state, `ran=${one.id},-\n`);
  const marker = join(host.root, '.fleet/releases', two.id);
  writeFileSync(marker, `bad 2026-01-01T00:00:00Z run3\n${JSON.stringify(two.meta)}\n`);
  expect(await glance()).toEqual(intact(one.id));
  appendFileSync(state, `ran=/,${one.id},-\n`);
  expect(await glance()).toEqual([]);
});

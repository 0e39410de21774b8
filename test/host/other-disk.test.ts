import { existsSync, mkdirSync, readdirSync, readlinkSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readFacts } from '../../src/host/reply/facts.js';
import { confirmStep, factsStep, pruneSteps, unclaimStep } from '../../src/host/steps/steps.js';
import { activationSteps, claim, deploy, ownership, revert } from './support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE, SHELLS } from './support/fake-host.js';
import { fakeRelease, NOW, readVersion } from './support/fake-release.js';
import { codeOf } from './support/refused-step.js';

const one = fakeRelease(1);
const two = fakeRelease(2);
const SHARED = [{ path: 'log', kind: 'folder' }] as const;

let host: FakeHost;
afterEach(() => host.stop());

/** What a person does to win room: `part` of the root lies on a larger disk. */
function elsewhere(part: string): string {
  const disk = join(host.dir, `disk-of-${part}`);
  mkdirSync(disk, { recursive: true });
  mkdirSync(host.root, { recursive: true });
  if (existsSync(join(host.root, part))) renameSync(join(host.root, part), join(disk, part));
  else mkdirSync(join(disk, part));
  symlinkSync(join(disk, part), join(host.root, part));
  return join(disk, part);
}

async function facts() {
  const { events } = await host.run([factsStep(SERVICE, [], { releases: true })]);
  return readFacts(events);
}

describe.each(SHELLS)('releases and shared on another disk, with %s', (shell) => {
  test('are deployed to, gone back on, and pruned', async () => {
    host = createFakeHost(shell);
    host.unit('shop.service', { cwd: join(host.root, 'current') });
    const disk = elsewhere('releases');
    elsewhere('shared');
    const by = ownership(1);
    await host.run([claim(by, null)]);
    expect(codeOf(await host.run([one.stage(by, SHARED)], one.payload))).toBe('ok');
    const calls = [...activationSteps(by, null, one.id), confirmStep(by, NOW), unclaimStep(by)];
    expect(codeOf(await host.run(calls))).toBe('ok');
    expect(host.current()).toBe(`releases/${one.id}`);
    expect(host.cwd('shop.service')).toBe(join(disk, one.id));
    expect(readVersion(host.root, one.id)).toEqual({ activated: one.id });
    expect(existsSync(join(host.root, 'current/log/.'))).toBe(true);
    expect((await facts())?.units).toMatchObject([{ serving: one.id }]);

    const next = ownership(2);
    await host.run([claim(next, one.id)]);
    await host.run([two.stage(next)], two.payload);
    await host.run(activationSteps(next, one.id, two.id));
    expect(codeOf(await host.run([revert(next), unclaimStep(next)]))).toBe('ok');
    expect(host.current()).toBe(`releases/${one.id}`);

    await deploy(host, ownership(3), { from: one.id, to: two });
    await deploy(host, ownership(4), { from: two.id, to: fakeRelease(3) });
    const last = ownership(5);
    await host.run([claim(last, fakeRelease(3).id)]);
    const move = activationSteps(last, fakeRelease(3).id, two.id);
    await host.run([...move, confirmStep(last, NOW), ...pruneSteps(last, [one.id])]);
    expect(readdirSync(disk).sort()).toEqual([two.id, fakeRelease(3).id]);
    expect(readlinkSync(join(host.root, 'releases'))).toBe(disk);
  });

  test('are found again where they were moved under a running app', async () => {
    host = createFakeHost(shell);
    host.unit('shop.service', { cwd: join(host.root, 'current') });
    await deploy(host, ownership(1), { from: null, to: one });
    elsewhere('releases');
    expect((await facts())?.current).toEqual({ kind: 'link', release: one.id });
    expect(codeOf(await deploy(host, ownership(2), { from: one.id, to: two }))).toBe('ok');
  });
});

import {
  appendFileSync,
  mkdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Step } from '../../src/host/protocol/protocol.js';
import { confirmStep, holdStep, pruneSteps, unclaimStep } from '../../src/host/steps/steps.js';
import type { ReleaseId } from '../../src/model/names.js';
import { activationSteps, claim, deploy, ownership, revert } from './support/deploy.js';
import { createFakeHost, type FakeHost } from './support/fake-host.js';
import { fakeRelease, NOW } from './support/fake-release.js';
import { codeOf } from './support/refused-step.js';

const one = fakeRelease(1);
const two = fakeRelease(2);
const three = fakeRelease(3);

let host: FakeHost;
beforeEach(() => {
  host = createFakeHost();
  host.unit('shop.service', { cwd: join(host.root, 'current') });
});
afterEach(() => host.stop());

const link = (): string => join(host.root, 'current');

/** What someone else does by hand. */
function point(target: string): void {
  rmSync(link(), { force: true });
  symlinkSync(target, link());
}

/** Each step of a switch by itself. */
const stepsOf = (by: ReturnType<typeof ownership>, from: ReleaseId | null, to: ReleaseId) =>
  activationSteps(by, from, to) as [arm: Step, activate: Step, verify: Step];

describe('a host that another release has come to in the middle of its switch', () => {
  const by = ownership(3);
  const [arm, activate] = stepsOf(by, one.id, two.id);
  beforeEach(async () => {
    await deploy(host, ownership(1), { from: null, to: three });
    await deploy(host, ownership(2), { from: three.id, to: one });
    await host.run([claim(by, one.id)]);
    await host.run([two.stage(by)], two.payload);
  });

  /** Refused as moved, with everything left where it is. */
  async function expectMoved(step: Step): Promise<void> {
    point(`releases/${three.id}`);
    const actions = host.actions();
    const { phase } = host.state();
    expect(codeOf(await host.run([step]))).toBe('moved');
    expect(host.current()).toBe(`releases/${three.id}`);
    expect(host.state()).toMatchObject({ phase });
    expect(host.actions()).toEqual(actions);
  }

  test('is not armed', () => expectMoved(arm));

  test('is not switched', async () => {
    await host.run([arm]);
    await expectMoved(activate);
  });

  test('is not rolled back over it', async () => {
    await host.run([arm, activate]);
    await expectMoved(revert(by));
  });

  test('keeps that release when old ones are pruned', async () => {
    await host.run([arm, activate, ...stepsOf(by, one.id, two.id).slice(2), confirmStep(by, NOW)]);
    point(`releases/${three.id}`);
    const { events } = await host.run(pruneSteps(by, [three.id]));
    expect(events).toEqual([{ event: 'note', message: `kept release ${three.id}: it is current` }]);
  });
});

describe('a first deploy, where someone makes a current of their own', () => {
  const by = ownership(1);
  const [arm, activate] = stepsOf(by, null, one.id);
  beforeEach(async () => {
    await host.run([claim(by, null)]);
    await host.run([one.stage(by)], one.payload);
  });

  async function expectForeign(step: Step): Promise<void> {
    const theirs = join(host.dir, 'theirs');
    mkdirSync(theirs);
    point(theirs);
    expect(codeOf(await host.run([step]))).toBe('moved');
    expect(readlinkSync(link())).toBe(theirs);
    rmSync(link());
    mkdirSync(link());
    expect(codeOf(await host.run([step]))).toBe('current_not_a_link');
    rmSync(link(), { recursive: true });
  }

  test('is not armed over it', () => expectForeign(arm));

  test('is not switched over it', async () => {
    await host.run([arm]);
    await expectForeign(activate);
  });

  test('is not rolled back over it', async () => {
    await host.run([arm, activate]);
    await expectForeign(revert(by));
  });

  test('is not rolled back over it at boot', async () => {
    await host.run([arm, activate]);
    appendFileSync(join(host.root, '.fleet/state'), 'boot=an-earlier-one\n');
    await expectForeign({ verb: 'guard', args: [] });
  });
});

describe('a link that only seems to have moved', () => {
  test('is read back, and the service is left alone', async () => {
    await deploy(host, ownership(1), { from: null, to: one });
    const by = ownership(2);
    await host.run([claim(by, one.id)]);
    await host.run([two.stage(by)], two.payload);
    const [arm, activate] = stepsOf(by, one.id, two.id);
    await host.run([arm]);
    host.tool(
      'mv',
      '#!/bin/sh\ncase $* in *.fleet/current*) exit 0 ;; esac\nexec /usr/bin/mv "$@"\n',
    );
    expect(codeOf(await host.run([activate]))).toBe('link_failed');
    expect(host.current()).toBe(`releases/${one.id}`);
    expect(host.state()).toMatchObject({ phase: 'armed' });
    expect(host.actions()).toEqual(['restart shop.service']);
  });
});

describe('a release that is not whole any more', () => {
  const by = ownership(2);
  const [arm, activate] = stepsOf(by, one.id, two.id);
  beforeEach(async () => {
    await deploy(host, ownership(1), { from: null, to: one });
    await host.run([claim(by, one.id)]);
    await host.run([two.stage(by)], two.payload);
  });

  const unmark = (id: ReleaseId): void => rmSync(join(host.root, '.fleet/releases', id));

  test('is not armed for', async () => {
    unmark(two.id);
    expect(codeOf(await host.run([arm]))).toBe('link_failed');
    expect(host.state()).toMatchObject({ phase: 'staged' });
  });

  test('is not armed for where its marker is no record', async () => {
    for (const text of [
      '',
      `healthy ${NOW} run1\n`,
      `healthy ${NOW} run1\nno json\n`,
      'x y z\n{}\n',
    ]) {
      writeFileSync(join(host.root, '.fleet/releases', two.id), text);
      expect(codeOf(await host.run([arm])), text).toBe('link_failed');
    }
  });

  test('is not switched to', async () => {
    await host.run([arm]);
    rmSync(join(host.root, 'releases', two.id), { recursive: true });
    expect(codeOf(await host.run([activate]))).toBe('link_failed');
    expect(host.current()).toBe(`releases/${one.id}`);
  });

  test('is not switched to where a link stands in its place', async () => {
    await host.run([arm]);
    const folder = join(host.root, 'releases', two.id);
    rmSync(folder, { recursive: true });
    symlinkSync(one.id, folder);
    expect(codeOf(await host.run([activate]))).toBe('link_failed');
    expect(host.current()).toBe(`releases/${one.id}`);
  });

  test('is not gone back to: the host is down, on what it has', async () => {
    await host.run([arm, activate]);
    unmark(one.id);
    expect(await host.run([revert(by)])).toMatchObject({
      phase: 'down',
      failure: { code: 'host_down', message: expect.stringContaining('is not complete') },
    });
    expect(host.current()).toBe(`releases/${two.id}`);
  });
});

describe('the way back', () => {
  test('is to what the host came from, not to the release before by time', async () => {
    await deploy(host, ownership(1), { from: null, to: one });
    await deploy(host, ownership(2), { from: one.id, to: three });
    await deploy(host, ownership(3), { from: three.id, to: one });
    const old = new Date('2020-01-01');
    utimesSync(join(host.root, 'releases', one.id), old, old);
    const by = ownership(4);
    await host.run([claim(by, one.id)]);
    await host.run([two.stage(by)], two.payload);
    await host.run(activationSteps(by, one.id, two.id));
    expect(codeOf(await host.run([revert(by)]))).toBe('ok');
    expect(host.current()).toBe(`releases/${one.id}`);
  });

  test('of a host that was held is taken once more while its claim is held', async () => {
    await deploy(host, ownership(1), { from: null, to: one });
    const by = ownership(2);
    await host.run([claim(by, one.id)]);
    await host.run([two.stage(by)], two.payload);
    await host.run([...activationSteps(by, one.id, two.id), holdStep(by, NOW)]);
    expect(codeOf(await host.run([revert(by), unclaimStep(by)]))).toBe('ok');
    expect(host.current()).toBe(`releases/${one.id}`);
  });
});

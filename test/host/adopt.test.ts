import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readManifest } from '../../src/artifact/tree/manifest-text.js';
import type { HostFacts } from '../../src/host/protocol/protocol.js';
import { readDrift } from '../../src/host/reply/drift.js';
import { readFacts } from '../../src/host/reply/facts.js';
import { readDigests, readFound } from '../../src/host/reply/found.js';
import {
  digestStep,
  inspectStep,
  registerStep,
  relinkStep,
} from '../../src/host/steps/adopt-steps.js';
import { compareStep } from '../../src/host/steps/compare-step.js';
import { confirmStep, factsStep, pruneSteps, unclaimStep } from '../../src/host/steps/steps.js';
import type { Found } from '../../src/model/adopt/found.js';
import { asReleaseId, type ReleaseId } from '../../src/model/names.js';
import { capistrano, LAYOUTS, OLDER_COMMIT, type ToolLayout } from '../fixtures/tool-layouts.js';
import { activationSteps, claim, deploy, ownership, revert } from './support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE, SHELLS } from './support/fake-host.js';
import { fakeRelease, NOW } from './support/fake-release.js';
import { codeOf } from './support/refused-step.js';
import { DIGEST, registration } from './support/registration.js';

const by = ownership(1);

let host: FakeHost;
let layout: ToolLayout;
afterEach(() => host.stop());

function laidOut(make: (root: string) => ToolLayout, shell?: (typeof SHELLS)[number]): void {
  host = createFakeHost(shell);
  mkdirSync(host.root);
  layout = make(host.root);
  host.unit('shop.service', { cwd: join(host.root, 'current') });
  execFileSync(join(host.dir, 'bin/systemctl'), ['start', 'shop.service'], { env: host.env });
}

async function facts(): Promise<HostFacts> {
  const { events } = await host.run([factsStep(SERVICE, [], { releases: true })]);
  const found = readFacts(events);
  if (found === null) throw new Error(JSON.stringify(events));
  return found;
}

async function found(): Promise<Found> {
  const outcome = await host.run([inspectStep]);
  expect(codeOf(outcome)).toBe('ok');
  return readFound(outcome.events);
}

async function adopted(...ids: readonly string[]): Promise<void> {
  const current = (await facts()).current;
  const expected = current.kind === 'link' ? current.release : null;
  expect(codeOf(await host.run([claim(by, expected)]))).toBe('ok');
  for (const id of ids) {
    const steps = [digestStep(by, asReleaseId(id)), registerStep(by, registration(id))];
    expect(codeOf(await host.run(steps))).toBe('ok');
  }
  expect(codeOf(await host.run([relinkStep(by), unclaimStep(by)]))).toBe('ok');
}

const shapeOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();

describe.each(SHELLS)('a host of another tool, with %s', (shell) => {
  test.each(Object.entries(LAYOUTS))('is told as it is: %s', async (_, make) => {
    laidOut(make, shell);
    const before = shapeOf(host.root);
    const { folders, shares } = await found();
    expect(folders.map(({ name, current }) => [name, current]).toSorted()).toEqual(
      [
        [layout.older, false],
        [layout.current, true],
        [layout.cutOff, false],
      ].toSorted(),
    );
    expect(shares.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: 'config/database.yml', target: 'config/database.yml', kind: 'file' },
      { path: 'log', target: 'log', kind: 'folder' },
    ]);
    expect(shapeOf(host.root)).toEqual(before);
  });

  test('keeps all of its files, and gets manifests, records and a relative link', async () => {
    laidOut(capistrano, shell);
    const before = shapeOf(join(host.root, 'releases'));
    await adopted(layout.older, layout.current);
    expect(shapeOf(join(host.root, 'releases'))).toEqual(before);
    expect(readlinkSync(join(host.root, 'current'))).toBe(`releases/${layout.current}`);
    const manifest = readFileSync(join(host.root, '.fleet/manifests', layout.older), 'utf8');
    expect(readManifest(manifest)?.map(({ path }) => path)).toEqual([
      'REVISION',
      'REVISION_TIME',
      'app',
      'config',
    ]);
    expect((await facts()).releases).toMatchObject(
      [layout.older, layout.current].map((id) => ({
        id,
        standing: 'healthy',
        complete: true,
        meta: { commit: OLDER_COMMIT, digest: DIGEST, app: 'shop', run: 'before-fleet' },
      })),
    );
  });
});

describe('an adopted release', () => {
  const two = fakeRelease(2);
  const next = ownership(2);
  beforeEach(() => laidOut(capistrano));

  test('is rolled back to, from a release of fleet, and is written to by nothing', async () => {
    await adopted(layout.older, layout.current);
    const before = shapeOf(join(host.root, 'releases', layout.older));
    await deploy(host, next, { from: asReleaseId(layout.current), to: two });
    const back = ownership(3);
    expect(codeOf(await host.run([claim(back, two.id)]))).toBe('ok');
    const older = asReleaseId(layout.older);
    expect(codeOf(await host.run(activationSteps(back, two.id, older)))).toBe('ok');
    expect(readlinkSync(join(host.root, 'current'))).toBe(`releases/${layout.older}`);
    expect(shapeOf(join(host.root, 'releases', layout.older))).toEqual(before);
    expect(host.cwd('shop.service')).toBe(join(host.root, 'releases', layout.older));
  });

  test('is compared with its manifest before a rollback to it', async () => {
    await adopted(layout.older, layout.current);
    const older = asReleaseId(layout.older);
    const state = async () => {
      const { events } = await host.run([compareStep({ kind: 'release', id: older }, 'content')]);
      return readDrift(events);
    };
    expect(await state()).toMatchObject([{ state: 'intact', differences: [] }]);
    writeFileSync(join(host.root, 'releases', layout.older, 'app'), 'changed');
    expect(await state()).toMatchObject([
      { state: 'drifted', differences: [{ path: 'app', what: 'changed' }] },
    ]);
  });

  test('is where a failed deploy goes back to', async () => {
    await adopted(layout.current);
    const current = asReleaseId(layout.current);
    await host.run([claim(next, current)]);
    await host.run([two.stage(next)], two.payload);
    await host.run(activationSteps(next, current, two.id));
    expect(codeOf(await host.run([revert(next), unclaimStep(next)]))).toBe('ok');
    expect(readlinkSync(join(host.root, 'current'))).toBe(`releases/${layout.current}`);
  });

  test('is never deleted', async () => {
    await adopted(layout.older, layout.current);
    await deploy(host, next, { from: asReleaseId(layout.current), to: two });
    const three = fakeRelease(3);
    const last = ownership(3);
    await host.run([claim(last, two.id)]);
    await host.run([three.stage(last)], three.payload);
    await host.run(activationSteps(last, two.id, three.id));
    await host.run([confirmStep(last, NOW)]);
    const { events } = await host.run(pruneSteps(last, [asReleaseId(layout.older)]));
    expect(events).toMatchObject([
      { message: `kept release ${layout.older}: fleet did not make it` },
    ]);
    expect(existsSync(join(host.root, 'releases', layout.older, 'app'))).toBe(true);
    expect(existsSync(join(host.root, '.fleet/manifests', layout.older))).toBe(true);
  });

  test('keeps what fleet has found of it since', async () => {
    await adopted(layout.older);
    const marker = join(host.root, '.fleet/releases', layout.older);
    writeFileSync(marker, readFileSync(marker, 'utf8').replace(/^healthy/, 'bad'));
    const again = ownership(2);
    await host.run([claim(again, asReleaseId(layout.current))]);
    const { meta } = registration(layout.older);
    const changed = { ...registration(layout.older), meta: { ...meta, commit: null } };
    expect(codeOf(await host.run([registerStep(again, changed)]))).toBe('ok');
    const known = (await facts()).releases.find(({ id }) => id === layout.older);
    expect(known).toMatchObject({ standing: 'bad', meta: { commit: null } });
  });
});

describe('the steps of an adoption', () => {
  beforeEach(() => laidOut(capistrano));
  const cap = (): ReleaseId => asReleaseId(layout.current);

  test('change nothing a second time', async () => {
    await adopted(layout.older, layout.current);
    const again = ownership(2);
    await host.run([claim(again, cap())]);
    const link = lstatSync(join(host.root, 'current')).ino;
    const { replies } = await host.run([
      registerStep(again, registration(layout.older)),
      relinkStep(again),
    ]);
    expect(replies).toMatchObject([{ repeated: true }, { repeated: true }]);
    expect(lstatSync(join(host.root, 'current')).ino).toBe(link);
  });

  test('are refused without the claim', async () => {
    await host.run([claim(ownership(1), cap()), unclaimStep(ownership(1))]);
    for (const step of [
      digestStep(by, cap()),
      registerStep(by, registration(layout.current)),
      relinkStep(by),
    ]) {
      expect(codeOf(await host.run([step]))).toBe('wrong_phase');
    }
    expect(existsSync(join(host.root, '.fleet/releases', layout.current))).toBe(false);
    expect(readlinkSync(join(host.root, 'current'))).toBe(join(host.root, 'releases', cap()));
  });

  test('are fenced by a newer run', async () => {
    await host.run([claim(ownership(5), cap()), unclaimStep(ownership(5))]);
    expect(codeOf(await host.run([registerStep(by, registration(layout.current))]))).toBe('fenced');
  });

  test('do not touch a release that fleet made', async () => {
    const two = fakeRelease(2);
    await deploy(host, ownership(2), { from: cap(), to: two });
    const own = ownership(3);
    await host.run([claim(own, two.id)]);
    expect(codeOf(await host.run([registerStep(own, registration(two.id))]))).toBe(
      'release_exists',
    );
    expect(codeOf(await host.run([digestStep(own, two.id)]))).toBe('release_exists');
  });

  test('keep a link that fleet has kept already, as a relative one', async () => {
    const two = fakeRelease(2);
    await deploy(host, ownership(2), { from: cap(), to: two });
    const kept = join(host.root, '.fleet/links', layout.current);
    expect(readlinkSync(kept)).toBe(join(host.root, 'releases', layout.current));
    const own = ownership(3);
    await host.run([claim(own, two.id)]);
    expect(codeOf(await host.run([registerStep(own, registration(layout.current))]))).toBe('ok');
    expect(readlinkSync(kept)).toBe(`releases/${layout.current}`);
    expect(readdirSync(join(host.root, 'releases', layout.current))).not.toContain(layout.current);
    expect(
      readdirSync(join(host.root, '.fleet')).filter((name) => name.startsWith('spool-')),
    ).toEqual([]);
  });

  test('give a folder of any name an id that its link has too', async () => {
    const name = `it's "a" $(touch x)\n-é`;
    mkdirSync(join(host.root, 'releases', name));
    writeFileSync(join(host.root, 'releases', name, 'app'), 'odd');
    rmSync(join(host.root, 'current'));
    symlinkSync(join(host.root, 'releases', name), join(host.root, 'current'));
    const folder = (await found()).folders.find(({ current }) => current);
    expect(folder?.id).toMatch(/^link-[0-9a-f]{8}$/);
    await adopted(folder?.id ?? '');
    expect(readlinkSync(join(host.root, 'current'))).toBe(`releases/${name}`);
    expect((await facts()).current).toMatchObject({ release: folder?.id });
    expect((await facts()).releases).toMatchObject([{ id: folder?.id, complete: true }]);
  });

  test('list no release with what cannot be read or is no file', async () => {
    execFileSync('mkfifo', [join(host.root, 'releases', layout.older, 'pipe')]);
    await host.run([claim(by, cap())]);
    const { events } = await host.run([digestStep(by, asReleaseId(layout.older))]);
    expect(readDigests(events)).toEqual(new Map([[layout.older, null]]));
    expect(existsSync(join(host.root, '.fleet/manifests', layout.older))).toBe(false);
  });

  test('leave a current that leads out of releases/ as it is', async () => {
    mkdirSync(join(host.dir, 'elsewhere'));
    rmSync(join(host.root, 'current'));
    symlinkSync(join(host.dir, 'elsewhere'), join(host.root, 'current'));
    const { current } = await facts();
    await host.run([claim(by, current.kind === 'link' ? current.release : null)]);
    expect(codeOf(await host.run([relinkStep(by)]))).toBe('wrong_phase');
    expect(readlinkSync(join(host.root, 'current'))).toBe(join(host.dir, 'elsewhere'));
  });

  test('give the new link the time of the old one, by which processes are judged', async () => {
    const link = join(host.root, 'current');
    execFileSync('touch', ['-h', '-d', '2024-02-02 12:00:00', link]);
    const before = lstatSync(link).mtimeMs;
    await adopted(layout.current);
    expect(lstatSync(link).mtimeMs).toBe(before);
    const { units } = await facts();
    expect(units).toMatchObject([{ pending: false }]);
  });
});

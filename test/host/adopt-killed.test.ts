import { mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { digestStep, registerStep, relinkStep } from '../../src/host/steps/adopt-steps.js';
import { unclaimStep } from '../../src/host/steps/steps.js';
import { asReleaseId } from '../../src/model/names.js';
import { BEFORE_FLEET } from '../../src/model/releases/release.js';
import { capistrano } from '../fixtures/tool-layouts.js';
import { claim, ownership } from './support/deploy.js';
import { createFakeHost, type FakeHost } from './support/fake-host.js';
import { NOW } from './support/fake-release.js';
import { disarm, setTraps } from './support/traps.js';

const TOOLS =
  'cat cut date head ln ls mkdir mv readlink rm sha256sum sort stat sync touch flock'.split(' ');
const by = ownership(1);

let host: FakeHost;
afterEach(() => host.stop());

/** A host of Capistrano that is claimed; the ids of its two whole releases. */
async function laidOut(): Promise<readonly string[]> {
  host = createFakeHost();
  mkdirSync(host.root);
  const { older, current } = capistrano(host.root);
  expect(await host.run([claim(by, asReleaseId(current))])).toMatchObject({ kind: 'ok' });
  return [older, current];
}

const stepsFor = (ids: readonly string[]) => [
  ...ids.flatMap((id) => [
    digestStep(by, asReleaseId(id)),
    registerStep(by, {
      meta: {
        id: asReleaseId(id),
        version: id,
        commit: null,
        digest: `sha256:${'a'.repeat(64)}`,
        app: 'shop',
        run: BEFORE_FLEET,
        deployer: 'Capistrano',
        deployedAt: NOW,
      },
      standing: 'healthy',
      since: NOW,
    }),
  ]),
  relinkStep(by),
  unclaimStep(by),
];

/** What fleet keeps of the releases, and the releases themselves. */
function endState(): unknown {
  const fleet = join(host.root, '.fleet');
  const texts = (folder: string): readonly (readonly [string, string])[] =>
    readdirSync(join(fleet, folder))
      .toSorted()
      .map((name) => [name, readFileSync(join(fleet, folder, name), 'utf8')]);
  const links = readdirSync(join(fleet, 'links')).toSorted();
  return {
    current: readlinkSync(join(host.root, 'current')),
    markers: texts('releases'),
    manifests: texts('manifests').map(([name, text]) => [name, text.replaceAll(host.root, 'ROOT')]),
    links: links.map((name) => [name, readlinkSync(join(fleet, 'links', name))]),
    releases: readdirSync(join(host.root, 'releases'), { recursive: true }).toSorted(),
    phase: host.state().phase,
  };
}

describe('an adoption that is killed at any command', () => {
  test.each(['before', 'after'] as const)(
    '%s it, leaves no half of a record, and the same call finishes it',
    async (when) => {
      const ids = await laidOut();
      expect(await host.run(stepsFor(ids))).toMatchObject({ kind: 'ok' });
      const whole = endState();
      host.stop();
      for (let at = 1, killed = true; killed; at++) {
        await laidOut();
        setTraps(host, TOOLS, { at, when });
        const { kind } = await host.run(stepsFor(ids));
        disarm(host);
        killed = kind !== 'ok';
        // At every moment the app has its release.
        expect(readFileSync(join(host.root, 'current/app'), 'utf8')).toMatch(/^theirs/);
        if (!killed) expect(at).toBeGreaterThan(20);
        else expect(await host.run(stepsFor(ids))).toMatchObject({ kind: 'ok' });
        expect(endState(), `killed ${when} command ${at}`).toEqual(whole);
        host.stop();
      }
      await laidOut();
    },
    120_000,
  );
});

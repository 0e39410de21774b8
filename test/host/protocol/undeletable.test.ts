import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StepOutcome } from '../../../src/host/client.js';
import { readFacts, readUndeletable } from '../../../src/host/reply/facts.js';
import { confirmStep, factsStep, pruneSteps, unclaimStep } from '../../../src/host/steps/steps.js';
import { activationSteps, claim, deploy, ownership } from '../support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE } from '../support/fake-host.js';
import { fakeRelease, NOW } from '../support/fake-release.js';
import { codeOf } from '../support/refused-step.js';

let host: FakeHost;
beforeEach(async () => {
  host = createFakeHost();
  host.unit('shop.service', { cwd: join(host.root, 'current') });
  await deploy(host, ownership(1), { from: null, to: one });
  await deploy(host, ownership(2), { from: one.id, to: two });
});
afterEach(() => host.stop());

const one = fakeRelease(1);
const two = fakeRelease(2);
const three = fakeRelease(3);
const four = fakeRelease(4);

const releases = (): readonly string[] => readdirSync(join(host.root, 'releases')).toSorted();

/** No test may make files that root cannot delete, so what deletes them is played. */
function playForeign(inner: string): void {
  host.tool(
    'rm',
    `#!/bin/sh\ncase "$*" in *${inner}*) echo "rm: cannot remove: Operation not permitted" >&2; exit 1 ;; esac\nexec /bin/rm "$@"\n`,
  );
}

async function deployThird(): Promise<StepOutcome> {
  const by = ownership(3);
  await host.run([claim(by, two.id)]);
  await host.run([three.stage(by)], three.payload);
  await host.run(activationSteps(by, two.id, three.id));
  await host.run([confirmStep(by, NOW)]);
  return host.run([...pruneSteps(by, [one.id]), unclaimStep(by)]);
}

describe('an old release that cannot be deleted', () => {
  test('is reported, and what is left of it stops no later deploy', async () => {
    playForeign('.tmp-');
    const outcome = await deployThird();
    expect(codeOf(outcome)).toBe('ok');
    expect(readUndeletable(outcome.events)).toMatchObject([
      { path: 'releases/.tmp-run3-web1', what: 'other' },
    ]);
    expect(codeOf(await deploy(host, ownership(4), { from: three.id, to: four }))).toBe('ok');
    expect(host.current()).toBe(`releases/${four.id}`);
  });

  test('stays whole where a file system is mounted in it, and a doctor names it', async () => {
    const mount = join(host.root, 'releases', one.id, 'mnt');
    mkdirSync(mount);
    writeFileSync(join(mount, 'precious'), 'x');
    host.tool(
      'cat',
      `#!/bin/sh\ncase $1 in /proc/self/mounts) echo "x ${mount} tmpfs rw 0 0" ;; *) exec /bin/cat "$@" ;; esac\n`,
    );
    const outcome = await deployThird();
    expect(codeOf(outcome)).toBe('ok');
    expect(readUndeletable(outcome.events)).toMatchObject([
      { path: `releases/${one.id}`, what: 'mount' },
    ]);
    expect(existsSync(join(mount, 'precious'))).toBe(true);
    expect(releases()).toEqual([one.id, two.id, three.id]);
    const facts = await host.run([factsStep(SERVICE, [], { releases: true, doctor: true })]);
    expect(readFacts(facts.events)?.undeletable).toMatchObject([{ what: 'mount' }]);
    expect(readFacts(facts.events)?.releases.map(({ id }) => id)).toContain(one.id);
  });
});

test('a leftover that cannot be deleted fails no claim, and no staging of its own transaction', async () => {
  mkdirSync(join(host.root, 'releases/.tmp-run0-web1'));
  mkdirSync(join(host.root, 'releases/.tmp-run3-web1'));
  playForeign('.tmp-run[03]-web1');
  const by = ownership(3);
  const claimed = await host.run([claim(by, two.id)]);
  expect(codeOf(claimed)).toBe('ok');
  expect(readUndeletable(claimed.events)).toMatchObject([{ path: 'releases/.tmp-run0-web1' }]);
  expect(codeOf(await host.run([three.stage(by)], three.payload))).toBe('ok');
  expect(releases()).toContain(three.id);
});

import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HostFacts } from '../../src/host/protocol/protocol.js';
import { readFacts } from '../../src/host/reply/facts.js';
import {
  adoptStep,
  confirmStep,
  factsStep,
  pruneSteps,
  unclaimStep,
} from '../../src/host/steps/steps.js';
import { asReleaseId, type ReleaseId } from '../../src/model/names.js';
import { isForeign } from '../../src/model/releases/release.js';
import { activationSteps, claim, deploy, ownership, revert, WATCH } from './support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE, SHELLS } from './support/fake-host.js';
import { fakeRelease, NOW } from './support/fake-release.js';
import { codeOf } from './support/refused-step.js';

const two = fakeRelease(2);
const by = ownership(2);
const CAP = '20240101120000';

let host: FakeHost;
afterEach(() => host.stop());

const link = (): string => join(host.root, 'current');
/** The text of `current`, byte for byte. */
const text = (): string => readlinkSync(link(), { encoding: 'buffer' }).toString('latin1');

async function facts(): Promise<HostFacts> {
  const outcome = await host.run([factsStep(SERVICE, [], { releases: true })]);
  const found = readFacts(outcome.events);
  if (found === null) throw new Error(JSON.stringify(outcome));
  return found;
}

/** A host that another tool serves from `folder`, by a link of that text. */
function served(folder: string, target: string, shell?: (typeof SHELLS)[number]): void {
  host = createFakeHost(shell);
  mkdirSync(join(host.root, 'releases'), { recursive: true });
  const at = folder.startsWith('/') ? folder : join(host.dir, folder);
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, 'app'), 'theirs');
  symlinkSync(target.replace('ROOT', host.root).replace('DIR', host.dir), link());
  host.unit('shop.service', { cwd: link() });
  execFileSync(join(host.dir, 'bin/systemctl'), ['start', 'shop.service'], { env: host.env });
}

async function nameOfCurrent(): Promise<ReleaseId> {
  const { current } = await facts();
  if (current.kind !== 'link') throw new Error(JSON.stringify(current));
  return current.release;
}

async function switched(from: ReleaseId): Promise<void> {
  expect(codeOf(await host.run([claim(by, from)]))).toBe('ok');
  expect(codeOf(await host.run([two.stage(by)], two.payload))).toBe('ok');
  expect(codeOf(await host.run(activationSteps(by, from, two.id)))).toBe('ok');
  expect(readlinkSync(link())).toBe(`releases/${two.id}`);
}

const LAYOUTS = [
  ['Capistrano, absolute', `shop/releases/${CAP}`, `ROOT/releases/${CAP}`],
  ['Deployer, relative', 'shop/releases/5', 'releases/5'],
  ['a folder beside the root', 'srv/elsewhere/x', '../srv/elsewhere/x'],
  ['a folder far away', 'srv/elsewhere/x', 'DIR/srv/elsewhere/x/'],
  ['a folder in a release', `shop/releases/${CAP}/public`, `releases/${CAP}/public`],
  ['blanks, quotes and signs', `srv/it's "a" $(touch x) ~`, `DIR/srv/it's "a" $(touch x) ~`],
  ['newlines', 'srv/a\n\nphase=down\n', 'DIR/srv/a\n\nphase=down\n'],
  ['umlauts', 'srv/größe', 'DIR/srv/größe'],
] as const;

describe.each(SHELLS)('a current that another tool made, with %s', (shell) => {
  test.each(LAYOUTS)('comes back as it was: %s', async (_, folder, target) => {
    served(folder, target, shell);
    const before = text();
    const from = await nameOfCurrent();
    await switched(from);
    expect(codeOf(await host.run([revert(by), unclaimStep(by)]))).toBe('ok');
    expect(text()).toBe(before);
    expect(host.state()).toMatchObject({ phase: 'idle', from });
    expect(readFileSync(join(host.cwd('shop.service') ?? '', 'app'), 'utf8')).toBe('theirs');
    expect(await nameOfCurrent()).toBe(from);
    expect(existsSync(join(host.dir, 'x'))).toBe(false);
  });
});

describe('what another tool made', () => {
  beforeEach(() => served(`shop/releases/${CAP}`, `ROOT/releases/${CAP}`));
  const cap = asReleaseId(CAP);

  test('is reported by name, with where its link leads', async () => {
    const { current, releases } = await facts();
    const target = join(host.root, 'releases', CAP);
    expect(current).toEqual({ kind: 'link', release: cap, target, leads: 'somewhere' });
    expect(releases).toMatchObject([
      { id: cap, standing: 'healthy', complete: true, meta: { version: CAP, run: 'before-fleet' } },
    ]);
  });

  test('is a release to go back to after a good deploy, by its own link, and unchanged', async () => {
    await deploy(host, by, { from: cap, to: two });
    expect((await facts()).releases).toMatchObject([
      { id: cap, standing: 'healthy', complete: true },
      { id: two.id, standing: 'healthy' },
    ]);
    const back = ownership(3);
    const steps = [
      ...activationSteps(back, two.id, cap),
      confirmStep(back, NOW),
      unclaimStep(back),
    ];
    expect(codeOf(await host.run([claim(back, two.id)]))).toBe('ok');
    expect(codeOf(await host.run(steps))).toBe('ok');
    expect(text()).toBe(join(host.root, 'releases', CAP));
    expect(existsSync(join(host.root, 'releases', CAP, 'version.json'))).toBe(false);
    expect((await facts()).current).toMatchObject({ release: cap, leads: 'somewhere' });
  });

  test('is never deleted, and neither is what a link made by hand leads into', async () => {
    await deploy(host, by, { from: cap, to: two });
    const three = fakeRelease(3);
    await deploy(host, ownership(3), { from: two.id, to: three });
    await deploy(host, ownership(4), { from: three.id, to: fakeRelease(4) });
    rmSync(link());
    mkdirSync(join(host.root, 'releases', two.id, 'inner'));
    symlinkSync(`releases/${two.id}/inner`, link());
    const last = ownership(5);
    await host.run([claim(last, await nameOfCurrent())]);
    await host.run([{ verb: 'unclaim', args: unclaimStep(last).args }]);
    const own = ownership(6);
    await host.run([adoptStep(own, { owner: 'ada', leaseMs: 60_000, over: null, force: false })]);
    const { events } = await host.run(pruneSteps(own, [cap, two.id]));
    expect(events).toMatchObject([
      { message: `kept release ${CAP}: fleet did not make it` },
      { message: `kept release ${two.id}: it is current` },
    ]);
    expect(existsSync(join(host.root, 'releases', CAP, 'app'))).toBe(true);
  });

  test('is judged by its unit on the way back, not by the probes of what fleet deploys', async () => {
    await switched(cap);
    const probes = [{ kind: 'command', command: 'test -e probe-of-ours' }] as const;
    expect(codeOf(await host.run([revert(by, { ...WATCH, probes })]))).toBe('ok');
    expect(text()).toBe(join(host.root, 'releases', CAP));
  });

  test('leaves the host down where it does not run any more', async () => {
    await switched(cap);
    rmSync(join(host.root, 'releases', CAP), { recursive: true });
    expect(codeOf(await host.run([revert(by)]))).toBe('host_down');
    expect(text()).toBe(join(host.root, 'releases', CAP));
  });

  test('keeps its name for itself', async () => {
    await deploy(host, by, { from: cap, to: two });
    const next = ownership(3);
    await host.run([claim(next, two.id)]);
    const stage = fakeRelease(3).stage(next);
    const args = stage.args.map(([key, value]) => [key, key === 'id' ? CAP : value] as const);
    expect(codeOf(await host.run([{ verb: 'stage', args }], fakeRelease(3).payload))).not.toBe(
      'ok',
    );
    expect(readFileSync(join(host.root, 'releases', CAP, 'app'), 'utf8')).toBe('theirs');
  });

  test('comes back at boot after a power cut in the switch', async () => {
    await switched(cap);
    appendFileSync(join(host.root, '.fleet/state'), 'boot=an-earlier-one\n');
    expect(codeOf(await host.run([{ verb: 'guard', args: [] }]))).toBe('ok');
    expect(text()).toBe(join(host.root, 'releases', CAP));
    expect(host.state()).toMatchObject({ phase: 'idle', from: CAP });
  });

  test('is put back by the dead-man timer alone', async () => {
    await host.run([claim(by, cap)]);
    await host.run([two.stage(by)], two.payload);
    const [arm, activate] = activationSteps(by, cap, two.id);
    const args = (arm?.args ?? []).map(
      ([key, value]) => [key, key === 'within_ms' ? '3000' : value] as const,
    );
    if (activate === undefined) throw new Error('no such step');
    await host.run([{ verb: 'arm', args }, activate]);
    expect(readlinkSync(link())).toBe(`releases/${two.id}`);
    await expect.poll(() => host.state().phase, { timeout: 15_000 }).toBe('idle');
    expect(text()).toBe(join(host.root, 'releases', CAP));
  });
});

describe('a release of fleet’s own behind a link made by hand', () => {
  test('comes back with that very link, and is linked as usual when it is deployed', async () => {
    host = createFakeHost();
    host.unit('shop.service', { cwd: link() });
    const one = fakeRelease(1);
    await deploy(host, ownership(1), { from: null, to: one });
    rmSync(link());
    symlinkSync(join(host.root, 'releases', one.id), link());
    await switched(one.id);
    await host.run([revert(by), unclaimStep(by)]);
    expect(text()).toBe(join(host.root, 'releases', one.id));
    await deploy(host, ownership(3), { from: one.id, to: two });
    await deploy(host, ownership(4), { from: two.id, to: one });
    expect(text()).toBe(`releases/${one.id}`);
    expect((await facts()).releases.some(({ meta }) => isForeign(meta))).toBe(false);
  });
});

describe('a link that leads nowhere', () => {
  test('is reported, put back as it was, and the unit stopped', async () => {
    served('srv/gone', 'DIR/srv/gone');
    rmSync(join(host.dir, 'srv/gone'), { recursive: true });
    const { current } = await facts();
    expect(current).toMatchObject({ kind: 'link', leads: 'nowhere' });
    const before = text();
    const from = await nameOfCurrent();
    await switched(from);
    expect(codeOf(await host.run([revert(by), unclaimStep(by)]))).toBe('ok');
    expect(text()).toBe(before);
    expect(host.state()).toMatchObject({ phase: 'idle' });
    expect(host.actions().at(-1)).toBe('stop shop.service');
  });

  test('into releases/ bears that name', async () => {
    served('shop/releases/gone', 'releases/gone');
    rmSync(join(host.root, 'releases/gone'), { recursive: true });
    expect((await facts()).current).toMatchObject({ release: 'gone', leads: 'nowhere' });
  });
});

test('of a link that this user may not follow, where it leads is unknown', async () => {
  served('srv/closed/x', 'DIR/srv/closed/x');
  // root may look everywhere, so the words of ls are played
  rmSync(join(host.dir, 'srv/closed/x'), { recursive: true });
  host.tool('ls', `#!/bin/sh\necho "ls: cannot access 'x': Permission denied" >&2\nexit 2\n`);
  chmodSync(join(host.dir, 'srv/closed'), 0o700);
  const { current } = await facts();
  expect(current).toMatchObject({ kind: 'link', leads: 'unknown' });
});

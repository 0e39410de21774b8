import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readManifest } from '../../src/artifact/tree/manifest-text.js';
import type { Step } from '../../src/host/protocol/protocol.js';
import { readFacts } from '../../src/host/reply/facts.js';
import {
  confirmStep,
  factsStep,
  type Ownership,
  pruneSteps,
  unclaimStep,
} from '../../src/host/steps/steps.js';
import { asReleaseId } from '../../src/model/names.js';
import { activationSteps, claim, deploy, ownership, revert } from './support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE } from './support/fake-host.js';
import { type FakeRelease, fakeRelease, NOW } from './support/fake-release.js';
import { codeOf, without } from './support/refused-step.js';

let host: FakeHost;
beforeEach(() => {
  host = createFakeHost();
  host.unit('shop.service', { cwd: join(host.root, 'current') });
});
afterEach(() => host.stop());

function withAltered(payload: Buffer, at: number): Buffer {
  const altered = Buffer.from(payload);
  altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
  return altered;
}

const one = fakeRelease(1);
const two = fakeRelease(2);
const three = fakeRelease(3);

describe('what is sent', () => {
  beforeEach(async () => {
    await host.run([claim(ownership(1), null)]);
  });

  const leftovers = (): readonly string[] => [
    ...readdirSync(join(host.root, 'releases')),
    ...readdirSync(join(host.root, '.fleet')).filter((name) => /^(spool|manifest-)/.test(name)),
  ];
  const keptManifest = (id: string) =>
    readManifest(readFileSync(join(host.root, '.fleet/manifests', id), 'utf8'));

  test('a short or altered archive is refused before it is unpacked', async () => {
    const step = one.stage(ownership(1));
    const head = one.payload.length - one.archive.bytes;
    const short = await host.run([step], one.payload.subarray(0, head + 50));
    expect(short).toMatchObject({
      phase: 'claimed',
      failure: { code: 'digest_mismatch', message: `received 50 of ${one.archive.bytes} bytes` },
    });
    expect(leftovers()).toEqual([expect.stringContaining(one.archive.sha256)]);
    expect(codeOf(await host.run([step], withAltered(one.payload, head + 30)))).toBe(
      'digest_mismatch',
    );
    // What was short stays for the next try.
    expect(leftovers()).toHaveLength(1);
  });

  test('a short or altered manifest is refused before the archive is read', async () => {
    const step = one.stage(ownership(1));
    const short = await host.run([step], one.payload.subarray(0, 20));
    const altered = await host.run([step], withAltered(one.payload, 30));
    for (const outcome of [short, altered]) {
      const message = expect.stringMatching(/^received a manifest of sha256 /);
      expect(outcome).toMatchObject({ failure: { code: 'digest_mismatch', message } });
    }
    expect(leftovers()).toEqual([]);
  });

  test('a manifest that is not gzipped is refused', async () => {
    const rubbish = Buffer.from('no manifest');
    const sum = execFileSync('sha256sum', { input: rubbish }).toString().slice(0, 64);
    const step = without(
      without(one.stage(ownership(1)), 'manifest_sha256', sum),
      'manifest_bytes',
      String(rubbish.length),
    );
    expect(codeOf(await host.run([step], rubbish))).toBe('unpack_failed');
    expect(leftovers()).toEqual([]);
  });

  test.each(['busybox head', 'toybox head'])(
    'the archive is whole behind the manifest with %s, which reads ahead',
    async (head) => {
      host.tool('head', `#!/bin/sh\nexec ${head} "$@"\n`);
      expect(codeOf(await host.run([one.stage(ownership(1))], one.payload))).toBe('ok');
      expect(keptManifest(one.id)).toEqual(one.manifest);
      expect(codeOf(await host.run([one.stage(ownership(1))], one.payload))).toBe('ok');
    },
  );

  test('the manifest is kept with the release', async () => {
    await host.run([one.stage(ownership(1))], one.payload);
    expect(keptManifest(one.id)).toEqual(one.manifest);
    expect(leftovers()).toEqual([one.id]);
  });

  test('what is no archive is refused and taken away', async () => {
    const rubbish = Buffer.from('no archive');
    const sha256 = execFileSync('sha256sum', { input: rubbish }).toString().slice(0, 64);
    const step = without(
      without(one.withoutManifest().stage(ownership(1)), 'sha256', sha256),
      'bytes',
      String(rubbish.length),
    );
    expect(codeOf(await host.run([step], rubbish))).toBe('unpack_failed');
    expect(leftovers()).toEqual([]);
  });

  test('too little space is refused with what there is and what is needed', async () => {
    host.tool('df', '#!/bin/sh\necho "Filesystem"\necho "/dev/a b 100000 90000 1234 99% /"\n');
    const outcome = await host.run([one.stage(ownership(1))], one.payload);
    expect(outcome).toMatchObject({
      failure: { code: 'disk_full', message: expect.stringMatching(/have 1234 KiB.*need 655\d\d/) },
    });
    expect(leftovers()).toEqual([]);
  });

  test('no space while unpacking is told as such', async () => {
    host.tool(
      'tar',
      '#!/bin/sh\necho "tar: x: Cannot write: No space left on device" >&2\nexit 2\n',
    );
    const outcome = await host.run([one.stage(ownership(1))], one.payload);
    expect(codeOf(outcome)).toBe('disk_full');
    expect(leftovers()).toEqual([]);
  });

  test('a release that is there needs no payload; with another digest it is refused', async () => {
    const by = ownership(1);
    expect(codeOf(await host.run([stageUnsent(by, one.meta)]))).toBe('digest_mismatch');
    await host.run([one.stage(by)], one.payload);
    expect(codeOf(await host.run([stageUnsent(by, one.meta)]))).toBe('ok');
    expect(codeOf(await host.run([one.stage(by)]))).toBe('ok');
    const other = { id: one.id, digest: two.meta.digest };
    expect(codeOf(await host.run([stageUnsent(by, other)]))).toBe('digest_mismatch');
  });

  test("a folder under the release's name that fleet did not make is left alone", async () => {
    mkdirSync(join(host.root, 'releases', one.id));
    writeFileSync(join(host.root, 'releases', one.id, 'mine'), 'mine');
    expect(codeOf(await host.run([one.stage(ownership(1))], one.payload))).toBe('release_exists');
    expect(readFileSync(join(host.root, 'releases', one.id, 'mine'), 'utf8')).toBe('mine');
  });

  test('shared folders are made, shared files must be there, both are linked', async () => {
    const deep = fakeRelease(4, { 'config/.env': 'from the archive', 'log/old': 'old' });
    const shared = [
      { path: 'log', kind: 'folder' },
      { path: 'config/.env', kind: 'file' },
      { path: 'a/b/c d', kind: 'folder' },
    ] as const;
    const step = deep.stage(ownership(1), shared);
    expect(await host.run([step], deep.payload)).toMatchObject({
      failure: { code: 'shared_missing', message: expect.stringContaining('config/.env') },
    });
    const facts = await host.run([factsStep(SERVICE, shared, { releases: false })]);
    expect(readFacts(facts.events)?.missingShared).toEqual(['config/.env']);
    mkdirSync(join(host.root, 'shared/config'));
    writeFileSync(join(host.root, 'shared/config/.env'), 'SECRET=1');
    expect(codeOf(await host.run([step], deep.payload))).toBe('ok');
    const release = join(host.root, 'releases', deep.id);
    expect(readFileSync(join(release, 'config/.env'), 'utf8')).toBe('SECRET=1');
    expect(readdirSync(join(release, 'log'))).toEqual([]);
    writeFileSync(join(release, 'a/b/c d/x'), 'x');
    expect(existsSync(join(host.root, 'shared/a/b/c d/x'))).toBe(true);
  });

  test('a shared path below another shared one is refused: it would be made in shared/', async () => {
    const shared = [
      { path: 'data', kind: 'folder' },
      { path: 'data/log', kind: 'folder' },
    ] as const;
    const outcome = await host.run([one.stage(ownership(1), shared)], one.payload);
    expect(codeOf(outcome)).toBe('archive_unsafe');
    expect(readdirSync(join(host.root, 'shared/data'))).toEqual(['log']);
    expect(lstatSync(join(host.root, 'shared/data/log')).isDirectory()).toBe(true);
  });

  test('a version.json that has become a folder is not moved into', async () => {
    const by = ownership(1);
    await host.run([one.stage(by)], one.payload);
    const file = join(host.root, 'releases', one.id, 'version.json');
    rmSync(file);
    mkdirSync(file);
    expect(codeOf(await host.run(activationSteps(by, null, one.id)))).toBe('link_failed');
    expect(readdirSync(file)).toEqual([]);
  });
});

describe('prune', () => {
  test('keeps what is current, what the run came from, and what is not ours', async () => {
    await deploy(host, ownership(1), { from: null, to: one });
    await deploy(host, ownership(2), { from: one.id, to: two });
    await deploy(host, ownership(3), { from: two.id, to: three });
    mkdirSync(join(host.root, 'releases/foreign'));
    const by = ownership(4);
    await host.run([claim(by, three.id), unclaimStep(by)]);
    const next = ownership(5);
    await host.run([claim(next, three.id)]);
    const all = [one.id, two.id, three.id, asReleaseId('foreign'), asReleaseId('unheard-of')];
    await host.run([one.stage(next)], one.payload);
    expect(codeOf(await host.run(pruneSteps(next, all)))).toBe('wrong_phase');
    await host.run([unclaimStep(next)]);
    const idle = ownership(6);
    await host.run([claim(idle, three.id)]);
    await host.run([
      one.stage(idle),
      ...activationSteps(idle, three.id, two.id),
      confirmStep(idle, NOW),
    ]);
    const pruned = await host.run([...pruneSteps(idle, all), unclaimStep(idle)]);
    expect(pruned.kind).toBe('ok');
    expect(readdirSync(join(host.root, 'releases')).sort()).toEqual([two.id, three.id, 'foreign']);
    expect(readdirSync(join(host.root, '.fleet/releases')).sort()).toEqual([two.id, three.id]);
  });

  test('keeps what the last run went to, though it was rolled back', async () => {
    await deploy(host, ownership(1), { from: null, to: one });
    const by = ownership(2);
    await host.run([claim(by, one.id)]);
    await host.run([two.stage(by)], two.payload);
    await host.run([...activationSteps(by, one.id, two.id), revert(by)]);
    expect(await host.run(pruneSteps(by, [two.id]))).toMatchObject({
      events: [{ event: 'note', message: `kept release ${two.id}: the last run went to it` }],
    });
    expect(existsSync(join(host.root, 'releases', two.id, 'app'))).toBe(true);
  });

  test('that hangs in its delete keeps no one from the host: the release is away, and the claim ends', async () => {
    await deploy(host, ownership(1), { from: null, to: one });
    await deploy(host, ownership(2), { from: one.id, to: two });
    await deploy(host, ownership(3), { from: two.id, to: three });
    const by = ownership(4);
    await host.run([claim(by, three.id)]);
    const begun = join(host.dir, 'begun');
    const hang = `echo $$ >${begun}; exec sleep 20`;
    host.tool('rm', `#!/bin/sh\ncase $* in *.tmp-*) ${hang} ;; esac\nexec /bin/rm "$@"\n`);
    const hanging = host.run(pruneSteps(by, [one.id]));
    while (!existsSync(begun)) await new Promise((resolve) => setTimeout(resolve, 20));
    rmSync(join(host.dir, 'bin/rm'));
    expect(codeOf(await host.run([unclaimStep(by)]))).toBe('ok');
    expect(existsSync(join(host.root, 'releases', one.id))).toBe(false);
    process.kill(Number(readFileSync(begun, 'utf8')), 'SIGKILL');
    await hanging;
  });

  test('keeps a release that some process still runs from', async () => {
    await deploy(host, ownership(1), { from: null, to: one });
    host.unit('old.service', { cwd: join(host.root, 'releases', one.id) });
    execFileSync(join(host.dir, 'bin/systemctl'), ['start', 'old.service']);
    await deploy(host, ownership(2), { from: one.id, to: two });
    const by = ownership(3);
    await host.run([claim(by, two.id)]);
    await host.run([three.stage(by)], three.payload);
    await host.run([...activationSteps(by, two.id, three.id), confirmStep(by, NOW)]);
    const pruned = await host.run(pruneSteps(by, [one.id]));
    expect(pruned.events).toEqual([
      { event: 'note', message: `kept release ${one.id}: a process runs from it` },
    ]);
    expect(existsSync(join(host.root, 'releases', one.id, 'app'))).toBe(true);
  });
});

/** `stage` without a payload, as a client may ask whether a release is there. */
function stageUnsent(
  by: Ownership,
  { id, digest }: Pick<FakeRelease['meta'], 'id' | 'digest'>,
): Step {
  return {
    verb: 'stage',
    args: [...unclaimStep(by).args, ['id', id], ['digest', digest], ['bytes', '0']],
  };
}

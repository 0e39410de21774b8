import { createReadStream, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readArchive } from '../../src/artifact/archive/archive.js';
import { readFolder } from '../../src/artifact/folder.js';
import { prepareRelease } from '../../src/artifact/prepare.js';
import { tarHeader } from '../../src/artifact/tar-header.js';
import { findEscapingLink } from '../../src/artifact/tree/links.js';
import { TREE_LIMITS, type TreeEntry } from '../../src/artifact/tree/tree.js';
import { plant, prepareOptions, run, scratchFolder } from '../artifact/support/scratch.js';
import { type RawMember, writeRawTar } from './support/hostile-archives.js';

const scratch = scratchFolder();
const options = prepareOptions(scratch);
let count = 0;
function fresh(): string {
  count += 1;
  return join(scratch, `case-${count}`);
}

const archive = (members: Iterable<RawMember>, signal?: AbortSignal) =>
  prepareRelease(
    { kind: 'archive', path: writeRawTar(`${fresh()}.tar`, members) },
    { ...options, signal },
  );

function* many(length: number, member: (index: number) => RawMember): Generator<RawMember> {
  yield { kind: 'file', path: 'f', text: 'x' };
  for (let index = 0; index < length; index += 1) yield member(index);
}

/** The most that this process worked without others having their turn, in milliseconds of its CPU. */
async function heldBy(work: () => Promise<unknown>): Promise<number> {
  const worked = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  let longest = 0;
  let last = worked();
  const look = () => {
    longest = Math.max(longest, worked() - last);
    last = worked();
  };
  const timer = setInterval(look, 1);
  await work();
  look();
  clearInterval(timer);
  return longest;
}

const DEEP = 'a/'.repeat(1690);
/** As long, without many folders. */
const LONG = `${'a'.repeat(250)}/`.repeat(13);
const link = (index: number, target: string): RawMember => ({
  kind: 'link',
  path: `l${index}`,
  target,
});

describe('links that take long to follow', () => {
  test('cost time in proportion to their texts: 20,000 of 3,400 characters', {
    timeout: 30_000,
  }, async () => {
    const entries = [...many(20_000, (index) => link(index, `${DEEP}${index}`))].map(asEntry);
    const begun = performance.now();
    expect(await findEscapingLink(entries)).toBeNull();
    expect(performance.now() - begun).toBeLessThan(15_000);
  });

  test('are followed once each, however they lead through each other', async () => {
    const entries = [...many(50_000, (index) => link(index, `${'x/../'.repeat(20)}l${index + 1}`))];
    const begun = performance.now();
    expect(await findEscapingLink(entries.map(asEntry))).toBeNull();
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  test('do not block the loop, and end with the interrupt', async () => {
    const entries = [...many(15_000, (index) => link(index, `${DEEP}${index}`))].map(asEntry);
    const held = await heldBy(() => findEscapingLink(entries));
    expect(held).toBeLessThan(1000);
    const begun = performance.now();
    const ended = findEscapingLink(entries, AbortSignal.timeout(50));
    await expect(ended).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(performance.now() - begun).toBeLessThan(3000);
  });

  test.each<[string, Readonly<Record<string, string>>, string | null]>([
    ['up and out', { 'd/l': '../../x' }, 'd/l'],
    ['out through another', { 'a/b/c': '../..', e: 'a/b/c/../..' }, 'e'],
    ['out through two', { a: 'b', b: 'c/d', 'c/d': '../../x' }, 'c/d'],
    ['to an absolute one', { a: 'b', b: '/etc' }, 'b'],
    ['in a circle, then out', { a: 'b/../..', b: 'a' }, null],
    ['to itself', { a: 'a' }, null],
    ['into a circle', { a: 'b', b: 'c', c: 'b' }, null],
    ['to the top', { 'd/up': '..', e: 'd/up/d/up/f' }, null],
    ['down to nothing and up again', { a: 'x/y/../../../z' }, 'a'],
    ['down to nothing and back', { a: 'x/y/../../z' }, null],
    ['by way of a link that it names twice', { a: 'd/../a2', a2: '.', b: 'a2/a2/../x' }, 'b'],
    ['by way of a name that every object has', { a: '__proto__/../constructor/../..' }, 'a'],
  ])('%s', async (_, links, escaping) => {
    const entries = Object.entries(links).map(
      ([path, target]): TreeEntry => ({ kind: 'link', path, target }),
    );
    expect((await findEscapingLink(entries))?.path ?? null).toBe(escaping);
  });

  test('longer than the kernel follows pass, for there they lead nowhere', async () => {
    const chain = (length: number) =>
      Array.from({ length }, (_, index) => link(index, `l${index + 1}`)).map(asEntry);
    const out = (length: number): TreeEntry => ({
      kind: 'link',
      path: 'z',
      target: `l0/${'../'.repeat(length)}..`,
    });
    expect((await findEscapingLink([...chain(39), out(1)]))?.path).toBe('z');
    expect(await findEscapingLink([...chain(41), out(1)])).toBeNull();
  });
});

function asEntry(member: RawMember): TreeEntry {
  if (member.kind !== 'link') return { kind: 'folder', path: member.path, mode: 0o755 };
  return { kind: 'link', path: member.path, target: member.target };
}

describe('an archive is refused', () => {
  test('whose names are longer, all together, than may be kept', { timeout: 60_000 }, async () => {
    const path = `${fresh()}.tar`;
    writeRawTar(
      path,
      many(21_000, (index) => link(index, `${LONG}${index}`)),
    );
    let refused: unknown = null;
    const held = await heldBy(async () => {
      refused = await prepareRelease({ kind: 'archive', path }, options).catch(
        (error: unknown) => error,
      );
    });
    expect(refused).toMatchObject({
      code: 'archive_unsafe',
      message: expect.stringContaining('longer than 64 MiB'),
    });
    expect(held).toBeLessThan(1000);
  });

  test('whose folders are too many levels deep, by as many as they are', async () => {
    const refused = archive(
      many(200, (index) => ({ kind: 'file', path: `d${index}/${DEEP}z`, text: 'x' })),
    );
    await expect(refused).rejects.toMatchObject({ code: 'archive_unsafe' });
  });

  test('that repeats a folder without end', async () => {
    const limits = { ...TREE_LIMITS, entries: 1000 };
    const file = writeRawTar(
      `${fresh()}.tar`,
      many(5000, () => ({ kind: 'folder', path: '.' })),
    );
    const read = readArchive(createReadStream(file), { label: 'again', spool: fresh(), limits });
    await expect(read).rejects.toMatchObject({
      code: 'archive_unsafe',
      message: expect.stringContaining('one more than the 1000'),
    });
  });

  test('that grows by hard links to one large file', async () => {
    function* grown(): Generator<RawMember> {
      yield { kind: 'file', path: 'big', text: 'x'.repeat(1024 ** 2) };
      for (let index = 0; index < 200; index += 1)
        yield { kind: 'hard', path: `h${index}`, target: 'big' };
    }
    const limits = { ...TREE_LIMITS, bytes: 100 * 1024 ** 2 };
    const file = writeRawTar(`${fresh()}.tar`, grown());
    const read = readArchive(createReadStream(file), { label: 'grown', spool: fresh(), limits });
    await expect(read).rejects.toMatchObject({
      code: 'archive_unsafe',
      message: expect.stringContaining('makes the release larger than'),
    });
  });

  test('that unpacks to hundreds of times its size', { timeout: 60_000 }, async () => {
    const file = `${fresh()}.tar.gz`;
    run(scratch, 'sh', '-c', `truncate -s 300M zeros && tar -czf '${file}' zeros && rm zeros`);
    await expect(prepareRelease({ kind: 'archive', path: file }, options)).rejects.toMatchObject({
      code: 'archive_unsafe',
      message: expect.stringContaining('more than 250 times its size'),
    });
    expect(readdirSync(options.tmpDir)).toEqual([]);
  });
});

describe('an interrupt ends', () => {
  test('the reading of a folder of many files', async () => {
    const root = fresh();
    mkdirSync(root);
    for (let index = 0; index < 3000; index += 1) writeFileSync(join(root, `${index}`), '');
    await expect(readFolder(root, AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(await heldBy(() => readFolder(root))).toBeLessThan(1000);
  });

  test('the unpacking of an endless archive', async () => {
    async function* endless() {
      for (;;) yield Buffer.alloc(64 * 1024, 'x');
    }
    const limits = { ...TREE_LIMITS, bytes: Number.MAX_SAFE_INTEGER };
    async function* huge() {
      yield tarHeader(HUGE, new Date(0));
      yield* endless();
    }
    const signal = AbortSignal.timeout(100);
    const read = readArchive(huge(), { label: 'huge', spool: fresh(), limits, signal });
    await expect(read).rejects.toMatchObject({ name: 'AbortError' });
  });
});

const HUGE: TreeEntry = {
  kind: 'file',
  path: 'huge',
  mode: 0o644,
  content: { file: '', offset: 0, size: 1e12 },
};

describe('the folder where a release is packed', () => {
  test('is private, and is gone after a refusal', async () => {
    const own = prepareOptions(fresh());
    const source = { kind: 'folder', path: plant(fresh(), { a: 'a' }) } as const;
    const release = await prepareRelease(source, own);
    const [name = ''] = readdirSync(own.tmpDir);
    expect(run(own.tmpDir, 'stat', '-c', '%a', '.', name, `${name}/release.tar`)).toBe(
      '700\n700\n600',
    );
    await release.dispose();
    expect(readdirSync(own.tmpDir)).toEqual([]);
  });

  test('of a process that was killed is removed a day later, and no other', async () => {
    const own = prepareOptions(fresh());
    const day = (Date.now() - 25 * 3_600_000) / 1000;
    const old = (name: string) => {
      plant(join(own.tmpDir, name), { spool: 'x' });
      utimesSync(join(own.tmpDir, name), day, day);
    };
    old('release-4194305-abcdef');
    old(`release-${process.pid}-abcdef`);
    old('something-else');
    plant(join(own.tmpDir, 'release-4194305-youngx'), { spool: 'x' });
    const source = { kind: 'folder', path: plant(fresh(), { a: 'a' }) } as const;
    await (await prepareRelease(source, own)).dispose();
    const left = [`release-${process.pid}-abcdef`, 'release-4194305-youngx', 'something-else'];
    expect(readdirSync(own.tmpDir).sort()).toEqual(left.sort());
  });
});

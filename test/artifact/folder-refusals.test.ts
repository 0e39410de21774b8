import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readFolder } from '../../src/artifact/folder.js';
import { prepareRelease } from '../../src/artifact/prepare.js';
import { folderCases, refusal } from './support/folder-cases.js';
import { plant, run } from './support/scratch.js';

const { root, options, fresh, prepareFolder } = folderCases();

/** Root may read everything; so where the tests run as root, this part does not. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(65534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

describe('a folder', () => {
  test.each([
    ['an absolute link', { l: { link: '/etc/passwd' } }, /"l" -> "\/etc\/passwd" leaves/],
    ['a link upwards', { 'd/l': { link: '../../x' } }, /"d\/l" -> "\.\.\/\.\.\/x" leaves/],
    [
      'a link that leaves by way of another',
      { 'a/b/c': { link: '../..' }, e: { link: 'a/b/c/../..' } },
      /"e" -> .* leaves/,
    ],
  ])('is refused with %s', async (_, tree, message) => {
    const error = await refusal(prepareFolder(plant(fresh(), tree)));
    expect(error).toMatchObject({
      code: 'archive_unsafe',
      message: expect.stringMatching(message),
    });
  });

  test('may hold links to its own top, to nothing, and in a circle', async () => {
    const tree = {
      'd/up': { link: '..' },
      gone: { link: 'not/here' },
      loop: { link: 'loop' },
      'd/x': 'file',
    };
    const release = await prepareFolder(plant(fresh(), tree));
    expect(release.files).toBe(1);
  });

  test('is refused with folders nested deeper than shells enter them in time', async () => {
    const deep = (folders: number) => ({ [`${'d/'.repeat(folders)}f`]: 'x' });
    expect((await prepareFolder(plant(fresh(), deep(200)))).files).toBe(1);
    const error = await refusal(prepareFolder(plant(fresh(), deep(201))));
    expect(String(error)).toMatch(/"d\/d\/.* has a path of more than 200 folders/);
  });

  test('is refused with a socket or a named pipe', async () => {
    const piped = plant(fresh(), { a: 'x' });
    run(piped, 'mkfifo', 'p');
    expect(await refusal(prepareFolder(piped))).toMatchObject({
      code: 'source_invalid',
      message: expect.stringContaining('"p" is a named pipe'),
    });
    const folder = plant(fresh(), { a: 'x' });
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(folder, 's'), resolve));
    expect(await refusal(prepareFolder(folder))).toMatchObject({
      message: expect.stringContaining('"s" is a socket'),
    });
    server.close();
  });

  test('is refused with a byte that is not UTF-8 in a name', async () => {
    const latin = plant(fresh(), {});
    writeFileSync(Buffer.concat([Buffer.from(`${latin}/`), Buffer.from([0x4a, 0xf6])]), 'x');
    expect(await refusal(prepareFolder(latin))).toMatchObject({
      message: expect.stringContaining('not UTF-8'),
    });
  });

  test('is refused where it is empty, missing or a file', async () => {
    const cases = [
      [plant(fresh(), { 'only/folders': { folder: true } }), 'is empty'],
      [join(root, 'nowhere'), 'does not exist'],
      [join(plant(fresh(), { f: 'x' }), 'f'), 'is not a folder'],
    ] as const;
    for (const [path, message] of cases) {
      const error = await refusal(prepareFolder(path));
      expect(error).toMatchObject({
        code: 'source_invalid',
        message: expect.stringContaining(message),
      });
    }
    expect(readdirSync(options.tmpDir).filter((name) => name.includes('nowhere'))).toEqual([]);
  });

  test('is refused with a file that cannot be read, naming it', async () => {
    const folder = plant(fresh(), { a: 'x', secret: 'y' });
    chmodSync(join(folder, 'secret'), 0o000);
    const own = { ...options, tmpDir: fresh() };
    mkdirSync(own.tmpDir);
    chmodSync(own.tmpDir, 0o777);
    chmodSync(root, 0o755);
    const error = await asNobody(() =>
      refusal(prepareRelease({ kind: 'folder', path: folder }, own)),
    );
    expect(error).toMatchObject({
      code: 'source_invalid',
      message: expect.stringContaining('"secret" cannot be read: permission denied'),
    });
  });

  test('is refused where it changes while it is read', async () => {
    const folder = plant(fresh(), { a: 'x', b: 'y' });
    const growing = plant(fresh(), { a: 'x'.repeat(40_000_000), b: 'y' });
    const change = setInterval(() => appendFileSync(join(growing, 'b'), 'z'), 5);
    const error = await refusal(prepareFolder(growing)).finally(() => clearInterval(change));
    expect(error).toMatchObject({
      code: 'source_invalid',
      message: expect.stringContaining('changed while it was read: "b"'),
    });
    const before = await readFolder(folder);
    symlinkSync('a', join(folder, 'new'));
    expect((await readFolder(folder)).stamps).not.toEqual(before.stamps);
  });
});

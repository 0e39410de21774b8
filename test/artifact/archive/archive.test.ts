import { copyFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readArchive } from '../../../src/artifact/archive/archive.js';
import { type PreparedRelease, prepareRelease } from '../../../src/artifact/prepare.js';
import { plant, prepareOptions, run, scratchFolder } from '../support/scratch.js';
import { type Member, writeTar } from '../support/tar-writer.js';

const root = scratchFolder();
const options = prepareOptions(root);
let count = 0;
function freshFile(ending = '.tar'): string {
  count += 1;
  return join(root, `archive-${count}${ending}`);
}

const prepareArchive = (path: string) => prepareRelease({ kind: 'archive', path }, options);
const refusal = (promise: Promise<PreparedRelease>) =>
  promise.then(
    () => expect.unreachable('must be refused'),
    (error: unknown) => error,
  );

const file = (name: string, content = 'x'): Member => ({ name, content });
const symlink = (name: string, linkname: string): Member => ({ name, linkname, type: 'symlink' });
const hardLink = (name: string, linkname: string): Member => ({ name, linkname, type: 'link' });

describe('an archive is refused, naming the member,', () => {
  test.each<[string, readonly Member[], RegExp]>([
    ['with an absolute name', [file('/etc/cron.d/x')], /"\/etc\/cron\.d\/x" is absolute/],
    ['with ".." in a name', [file('a/../../x')], /"a\/\.\.\/\.\.\/x" has "\.\."/],
    ['with ".." that stays inside', [file('a/../x')], /has "\.\."/],
    ['with an absolute link', [symlink('l', '/etc')], /"l" -> "\/etc" leaves/],
    ['with a link upwards', [symlink('d/l', '../..')], /"d\/l" -> .* leaves/],
    ['with a link to nothing', [symlink('l', '')], /target is empty/],
    [
      'with a hard link outside',
      [hardLink('h', '../../etc/passwd')],
      /"h" is a hard link whose target has "\.\."/,
    ],
    [
      'with an absolute hard link',
      [hardLink('h', '/etc/passwd')],
      /"h" is a hard link whose target is absolute/,
    ],
    ['with a hard link to what is not there', [hardLink('h', 'a')], /"h" is a hard link to "a"/],
    [
      'with a file through a link',
      [symlink('d', 'real'), file('d/x')],
      /"d\/x" goes through "d", which is a link/,
    ],
    ['with a file through a file', [file('d'), file('d/x')], /goes through "d", which is a file/],
    ['with one name twice', [file('a'), file('./a')], /"\.\/a" occurs twice/],
    ['with a link over a folder', [file('d/x'), symlink('d', 'e')], /"d" occurs twice/],
    ['with a device', [{ name: 'null', type: 'character-device' }], /"null" is a character-device/],
    ['with a named pipe', [{ name: 'p', type: 'fifo' }], /"p" is a fifo/],
    ['with an escape in a bad name', [file('/a\u001b[31m\n')], /"\/a\\u001b\[31m\\n" is absolute/],
    ['with a name too long for any disk', [file('n'.repeat(256))], /more than 255 bytes/],
  ])('%s', async (_, members, message) => {
    const tar = await writeTar(freshFile(), [file('good'), ...members]);
    const error = await refusal(prepareArchive(tar));
    expect(error).toMatchObject({
      code: 'archive_unsafe',
      message: expect.stringMatching(message),
    });
    expect(readdirSync(options.tmpDir)).toEqual([]);
  });
});

describe('an archive', () => {
  test('may begin its names with ./, repeat a folder, and leave folders out', async () => {
    const folder = { type: 'directory' } as const;
    const plain = await writeTar(freshFile(), [file('d/x')]);
    const wordy = await writeTar(freshFile(), [
      { name: './', ...folder },
      { name: './d/', ...folder },
      { name: 'd', ...folder },
      file('.//d/./x'),
    ]);
    const [one, two] = [await prepareArchive(plain), await prepareArchive(wordy)];
    expect(two.sha256).toBe(one.sha256);
  });

  test('has its hard links made into files, and links to links kept', async () => {
    const members = [
      file('a', 'same'),
      hardLink('b/c', './a'),
      symlink('l', 'a'),
      hardLink('m', 'l'),
    ];
    const release = await prepareArchive(await writeTar(freshFile(), members));
    const folder = plant(join(root, 'same'), {
      a: 'same',
      'b/c': 'same',
      l: { link: 'a' },
      m: { link: 'a' },
    });
    const same = await prepareRelease({ kind: 'folder', path: folder }, options);
    expect(release.release.digest).toBe(same.release.digest);
  });

  test('loses owner, setuid and times, keeps the execute bit', async () => {
    const members = [{ ...file('tool'), mode: 0o6755, uid: 1000, uname: 'ana' }, file('data')];
    const release = await prepareArchive(await writeTar(freshFile(), members));
    const listing = run(root, 'tar', '--utc', '-tvzf', release.archivePath).split('\n');
    expect(listing.map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      '-rw-r--r-- 0/0 1 2026-11-23 12:00 data',
      '-rwxr-xr-x 0/0 1 2026-11-23 12:00 tool',
    ]);
  });

  test('in zstd without zstd on this machine is refused with the remedy', async () => {
    const folder = plant(join(root, 'zst'), { a: 'x' });
    const tar = freshFile('.tar.zst');
    run(root, 'tar', '--zstd', '-cf', tar, '-C', folder, '.');
    const bare = { ...options, env: { PATH: '/nowhere' } };
    expect(await refusal(prepareRelease({ kind: 'archive', path: tar }, bare))).toMatchObject({
      code: 'source_invalid',
      hint: expect.stringContaining('Install the package zstd'),
    });
    truncateSync(tar, 40);
    expect(await refusal(prepareArchive(tar))).toMatchObject({
      message: expect.stringContaining('is damaged'),
    });
  });

  test('that is cut short, damaged, or something else is refused', async () => {
    const whole = await writeTar(freshFile(), [file('a', 'y'.repeat(100_000)), file('b')]);
    const short = freshFile();
    copyFileSync(whole, short);
    truncateSync(short, 60_000);
    const shortGzip = freshFile('.tgz');
    const packed = gzipSync(readFileSync(whole));
    writeFileSync(shortGzip, packed.subarray(0, packed.length - 10));
    const text = freshFile();
    writeFileSync(text, 'not a tar at all, but longer than one block\n'.repeat(30));
    const zip = freshFile('.zip');
    writeFileSync(zip, Buffer.from('504b030414000000', 'hex'));
    const empty = freshFile();
    writeFileSync(empty, '');
    const cases = [
      [short, 'is not a readable tar: Unexpected end of data'],
      [shortGzip, 'is damaged: unexpected end of file'],
      [text, 'is not a readable tar: Invalid tar header'],
      [zip, 'is a zip archive'],
      [empty, 'is empty'],
      [join(root, 'gone.tar'), 'does not exist or is not a file'],
      [root, 'does not exist or is not a file'],
    ] as const;
    const own = { ...options, tmpDir: join(root, 'tmp-of-bad-ones') };
    for (const [path, message] of cases) {
      const error = await refusal(prepareRelease({ kind: 'archive', path }, own));
      expect(error).toMatchObject({
        code: 'source_invalid',
        message: expect.stringContaining(message),
      });
    }
    expect(readdirSync(own.tmpDir)).toEqual([]);
  });

  test('that unpacks to too much, or holds too many, ends early', async () => {
    const zeros = Buffer.alloc(1024 * 1024);
    let produced = 0;
    async function* endless() {
      yield readFileSync(await writeTar(freshFile(), [file('bomb', 'x')])).subarray(0, 1024);
      for (;;) {
        produced += zeros.length;
        yield zeros;
      }
    }
    const limits = { entries: 3, bytes: 5 * 1024 ** 2, nameBytes: 1024 };
    const bomb = readArchive(endless(), { label: 'bomb', spool: freshFile(), limits });
    await expect(bomb).rejects.toMatchObject({ code: 'archive_unsafe' });
    expect(produced).toBeLessThan(10 * 1024 ** 2);

    const many = await writeTar(
      freshFile(),
      ['a', 'b', 'c', 'd'].map((name) => file(name)),
    );
    async function* tar() {
      yield readFileSync(many);
    }
    const crowd = readArchive(tar(), { label: 'crowd', spool: freshFile(), limits });
    await expect(crowd).rejects.toMatchObject({ message: expect.stringContaining('"d" is one') });
  });
});

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { download } from '../../src/artifact/download.js';
import { prepareRelease } from '../../src/artifact/prepare.js';
import { prepareOptions, scratchFolder } from './support/scratch.js';
import { writeTar } from './support/tar-writer.js';

const root = scratchFolder();
const file = join(root, 'downloaded');
let tar = Buffer.alloc(0);
let sha256 = '';
let base = '';

const server = createServer((request, response) => {
  const path = request.url?.split('?')[0];
  if (path === '/release.tar') response.end(tar);
  else if (path === '/moved') response.writeHead(302, { location: '/release.tar' }).end();
  else if (path === '/circle') response.writeHead(302, { location: '/circle' }).end();
  else if (path === '/outside') response.writeHead(302, { location: 'http://example.com/x' }).end();
  else if (path === '/silent') response.writeHead(200, { 'content-length': '9' }).write('x');
  else if (path === '/cut') {
    response
      .writeHead(200, { 'content-length': '9000' })
      .write('x', () => request.socket.destroy());
  } else response.writeHead(404).end();
});

beforeAll(async () => {
  tar = readFileSync(await writeTar(join(root, 'r.tar'), [{ name: 'a', content: 'x' }]));
  sha256 = createHash('sha256').update(tar).digest('hex');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const limits = { bytes: 1024 ** 2, idleMs: 200 };
function fetched(path: string, more: Partial<Parameters<typeof download>[0]> = {}): Promise<void> {
  rmSync(file, { force: true });
  return download({ url: `${base}${path}`, sha256, file, limits, ...more });
}

describe('a release by URL', () => {
  test('is fetched, checked and read as an archive', async () => {
    const source = { kind: 'url', url: `${base}/moved?token=s3cret`, sha256 } as const;
    const release = await prepareRelease(source, prepareOptions(root));
    expect(release).toMatchObject({ files: 1, release: { commit: null } });
  });

  test('is refused with another SHA-256 than asked for', async () => {
    const wrong = fetched('/release.tar', { sha256: '0'.repeat(64) });
    await expect(wrong).rejects.toMatchObject({
      code: 'source_invalid',
      message: expect.stringContaining(`has the SHA-256 ${sha256}, not 0000`),
    });
  });

  test.each([
    ['/gone', 'answered 404'],
    ['/circle', 'redirected more than 5 times'],
    ['/outside', 'http://example.com/x is not an https URL'],
    ['/cut', 'could not be fetched: aborted'],
    ['/silent', 'could not be fetched: '],
  ])('%s is refused', async (path, message) => {
    await expect(fetched(path)).rejects.toMatchObject({
      code: 'source_invalid',
      message: expect.stringContaining(message),
    });
  });

  test('never shows what its query holds', async () => {
    await expect(fetched('/gone?token=s3cret')).rejects.toMatchObject({
      message: expect.not.stringContaining('s3cret'),
    });
  });

  test('is refused past the size limit', async () => {
    const small = fetched('/release.tar', { limits: { bytes: 100, idleMs: 1000 } });
    await expect(small).rejects.toMatchObject({
      message: expect.stringContaining('over 100 bytes'),
    });
  });

  test('must be https, but from this machine itself', async () => {
    for (const url of [
      'http://10.88.0.1/x',
      'ftp://127.0.0.1/x',
      'http://127.0.0.1.example.com/',
      'x',
    ]) {
      await expect(download({ url, sha256, file })).rejects.toMatchObject({
        code: 'source_invalid',
      });
    }
  });

  test('ends when it is interrupted', async () => {
    const signal = AbortSignal.timeout(50);
    const patient = { bytes: 1024, idleMs: 60_000 };
    await expect(fetched('/silent', { signal, limits: patient })).rejects.toThrow();
    expect(existsSync(file)).toBe(true);
  });
});

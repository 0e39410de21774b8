import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DownloadLimits, download } from '../../src/artifact/download.js';
import { scratchFolder } from '../artifact/support/scratch.js';

const root = scratchFolder();
const CONTENT = 'a release';
const sha256 = createHash('sha256').update(CONTENT).digest('hex');
const seen: { path: string; host: string; authorization: string | undefined }[] = [];
let here = '';
let elsewhere = '';

/** A byte at a time, as slowly as silence is not noticed. */
function trickle(send: () => void, response: ServerResponse): void {
  const timer = setInterval(send, 20);
  response.on('close', () => clearInterval(timer));
}

const PAGES: Readonly<
  Record<string, (response: ServerResponse, request: IncomingMessage) => void>
> = {
  '/release': (response) => response.end(CONTENT),
  '/trickle': (response) => {
    response.writeHead(200, { 'content-length': '1000000' });
    trickle(() => response.write('x'), response);
  },
  '/slow-head': (response, { socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nx-more: ');
    trickle(() => socket.write('x'), response);
  },
  '/early-hints': (response) => trickle(() => response.writeProcessing(), response),
  '/near': (response) => redirect(response, '/release?key=k3y'),
  '/far': (response) => redirect(response, `${elsewhere}/release`),
  '/file': (response) => redirect(response, 'file:///etc/passwd'),
  '/data': (response) => redirect(response, 'data:,x'),
  '/to-secret': (response) => redirect(response, '/gone?token=s3cret#s3cret'),
  '/bad-place': (response) => redirect(response, 'http://u:s3cret@[bad/?token=s3cret'),
  '/endless': (response) => {
    const send = () => {
      while (response.write(Buffer.alloc(65_536))) if (response.destroyed) return;
    };
    response.on('drain', send);
    send();
  },
};

const redirect = (response: ServerResponse, location: string) =>
  response.writeHead(302, { location }).end();

function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url?.split('?')[0] ?? '';
  const { host = '', authorization } = request.headers;
  seen.push({ path, host, authorization });
  const page = PAGES[path];
  if (page === undefined) response.writeHead(404).end();
  else page(response, request);
}

const servers = [createServer(answer), createServer(answer)];
beforeAll(async () => {
  const [first = '', second = ''] = await Promise.all(
    servers.map(async (server) => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `127.0.0.1:${(server.address() as AddressInfo).port}`;
    }),
  );
  here = `http://user:s3cret@${first}`;
  elsewhere = `http://${second}`;
});
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

let count = 0;
function fetched(path: string, limits: Partial<DownloadLimits> = {}, signal?: AbortSignal) {
  count += 1;
  const file = join(root, `download-${count}`);
  return download({ url: `${here}${path}?token=s3cret`, sha256, file, limits, signal }).then(
    () => 'fetched',
    (error: unknown) => error,
  );
}

const PATIENT = { idleMs: 60_000, windowMs: 60_000, totalMs: 60_000 };

describe('a download ends', () => {
  test('when it is too slow, though it never pauses', async () => {
    const slow = { ...PATIENT, windowMs: 300, bytesPerWindow: 10_000 };
    expect(await fetched('/trickle', slow)).toMatchObject({
      code: 'source_invalid',
      message: expect.stringContaining('sends less than 10000 bytes in 0.3 s'),
    });
  });

  test('when it has taken the longest time allowed', async () => {
    const limits = { ...PATIENT, totalMs: 300, bytesPerWindow: 0 };
    expect(await fetched('/trickle', limits)).toMatchObject({
      code: 'source_invalid',
      message: expect.stringContaining('took longer than 0.3 s'),
    });
  });

  test.each(['/slow-head', '/early-hints'])('when its header does not end: %s', async (path) => {
    expect(await fetched(path, { ...PATIENT, idleMs: 300 })).toMatchObject({
      code: 'source_invalid',
      message: expect.stringContaining('nothing came for 0.3 s'),
    });
  });

  test('when more comes than any release has, before its checksum is known', async () => {
    expect(await fetched('/endless', { ...PATIENT, bytes: 1024 ** 2 })).toMatchObject({
      code: 'source_invalid',
      message: expect.stringContaining('is over 1048576 bytes'),
    });
  });

  test.each(['/trickle', '/slow-head', '/early-hints', '/endless'])(
    'with the interrupt: %s',
    async (path) => {
      const ended = await fetched(path, PATIENT, AbortSignal.timeout(200));
      expect(ended).toMatchObject({ name: 'AbortError' });
    },
  );
});

describe('a redirect', () => {
  test('keeps the password for the host it is meant for', async () => {
    seen.length = 0;
    expect(await fetched('/near')).toBe('fetched');
    expect(await fetched('/far')).toBe('fetched');
    const sent = seen.map(({ path, authorization }) => [path, authorization !== undefined]);
    expect(sent).toEqual([
      ['/near', true],
      ['/release', true],
      ['/far', true],
      ['/release', false],
    ]);
  });

  test.each(['/file', '/data', '/bad-place'])('to %s is refused', async (path) => {
    expect(await fetched(path)).toMatchObject({ code: 'source_invalid' });
  });
});

test.each(['/gone', '/to-secret', '/bad-place', '/file', '/trickle', '/endless'])(
  'no message shows the secrets of a URL: %s',
  async (path) => {
    const limits = { ...PATIENT, totalMs: 300, bytes: 1000 };
    const error = await fetched(path, limits);
    expect(error).toMatchObject({ code: 'source_invalid' });
    expect(JSON.stringify([String(error), error])).not.toContain('s3cret');
  },
);

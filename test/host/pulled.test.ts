import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Step } from '../../src/host/protocol/protocol.js';
import { claim, ownership } from './support/deploy.js';
import { ALL_SHELLS, createFakeHost, type FakeHost, type Shell } from './support/fake-host.js';
import { type FakeRelease, fakeRelease } from './support/fake-release.js';
import { createHttpsServer, type HttpsServer, serving } from './support/https-server.js';
import { codeOf } from './support/refused-step.js';

const one = fakeRelease(1, { app: 'release 1', noise: randomBytes(150_000).toString('base64') });
const size = one.archive.bytes;
const head = one.payload.subarray(0, one.payload.length - size);
const packed = one.payload.subarray(head.length);
const SECRET = 's3cr3t-signature';
const by = ownership(1);

let host: FakeHost;
let server: HttpsServer;
beforeAll(async () => {
  server = await createHttpsServer();
});
afterAll(() => server.close());
afterEach(() => host.stop());

const urlOf = (path = '/bucket/shop.tar.gz'): string => `${server.url}${path}?sig=${SECRET}&x=[1]`;

/** What the engine sends if a host fetches a release. */
function pullStep(url: string, caFile: string | null = server.caFile): Step {
  const { verb, args } = (one as FakeRelease).stage(by);
  const rest = String(Buffer.byteLength(url));
  const ca = caFile === null ? [] : ([['ca_file', caFile]] as const);
  return { verb, args: [...args, ['pull', '1'], ['rest', rest], ...ca] };
}

const pull = (url = urlOf(), caFile?: string | null) =>
  host.run([pullStep(url, caFile)], Buffer.concat([head, Buffer.from(url)]));

const spools = (): readonly string[] =>
  readdirSync(join(host.root, '.fleet')).filter((name) => name.startsWith('spool'));
const releases = (): readonly string[] => readdirSync(join(host.root, 'releases'));

/** Records the arguments and environment of every call of a fetcher. */
async function start(shell: Shell, fetcher: 'curl' | 'wget'): Promise<void> {
  host = createFakeHost(shell);
  const seen = join(host.dir, 'seen');
  host.tool(
    fetcher,
    `#!/bin/sh\ncat /proc/$$/cmdline /proc/$$/environ >>${seen}\nexec /usr/bin/${fetcher} "$@"\n`,
  );
  if (fetcher === 'wget') host.tool('curl', '#!/bin/sh\nexit 127\n');
  await host.run([claim(by, null)]);
  server.asked.length = 0;
  server.answer = serving(packed);
}

describe.each(ALL_SHELLS)('a release that the host fetches by curl (%s)', (shell) => {
  beforeEach(() => start(shell, 'curl'));

  test('is verified, unpacked and published; no argument, variable or file has the URL', async () => {
    expect(codeOf(await pull())).toBe('ok');
    expect(releases()).toEqual([one.id]);
    expect(spools()).toEqual([]);
    const seen = readFileSync(join(host.dir, 'seen'), 'utf8');
    expect(seen).toContain('curl');
    expect(seen).not.toContain(SECRET);
    for (const name of ['log', 'state']) {
      expect(readFileSync(join(host.root, '.fleet', name), 'utf8')).not.toContain(SECRET);
    }
  });

  test('goes on where a fetch or an upload ended', async () => {
    const spool = join(host.root, '.fleet', `spool-${one.archive.sha256}-7.0-older-run`);
    writeFileSync(spool, packed.subarray(0, 90_000));
    expect(codeOf(await pull())).toBe('ok');
    expect(server.asked).toEqual([expect.stringContaining('bytes=90000-')]);
    expect(spools()).toEqual([]);
  });
});

describe.each(['curl', 'wget'] as const)('what %s finds', (fetcher) => {
  beforeEach(() => start('dash', fetcher));

  async function refused(url?: string, caFile?: string | null): Promise<string> {
    const outcome = await pull(url, caFile);
    expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'pull_failed' } });
    expect(JSON.stringify(outcome)).not.toContain(SECRET);
    expect(releases()).toEqual([]);
    expect(host.state()).toMatchObject({ phase: 'claimed' });
    return outcome.kind === 'failed' ? outcome.failure.message : '';
  }

  test('is published', async () => {
    expect(codeOf(await pull())).toBe('ok');
    expect(releases()).toEqual([one.id]);
  });

  test('is resumed if the connection breaks', async () => {
    let times = 0;
    server.answer = (request, response) => {
      times += 1;
      if (times > 1) return serving(packed)(request, response);
      response.writeHead(200, { 'content-length': size });
      response.write(packed.subarray(0, 100_000), () => response.destroy());
    };
    expect(codeOf(await pull())).toBe('ok');
    expect(server.asked.length).toBe(2);
  });

  test('is other content of the same size: refused, nothing is left', async () => {
    server.answer = serving(Buffer.alloc(size, 7));
    expect(await refused()).toMatch(/^fetched sha256 [0-9a-f]{64}, expected /);
    expect(server.asked).toHaveLength(1);
    expect(spools()).toEqual([]);
  });

  test('is more than was expected: no more than that is taken', async () => {
    server.answer = (_, response) => {
      response.writeHead(200);
      response.on('error', () => undefined);
      const more = () => void (response.destroyed || response.write(Buffer.alloc(65_536), more));
      more();
    };
    await refused();
    expect(spools()).toEqual([]);
  });

  test('is a damaged start of an earlier fetch: it is fetched whole, once', async () => {
    const spool = join(host.root, '.fleet', `spool-${one.archive.sha256}-7.0-older-run`);
    writeFileSync(spool, Buffer.alloc(90_000, 7));
    expect(codeOf(await pull())).toBe('ok');
    expect(server.asked).toHaveLength(2);
  });

  test('is a server that does not resume', async () => {
    const spool = join(host.root, '.fleet', `spool-${one.archive.sha256}-7.0-older-run`);
    writeFileSync(spool, packed.subarray(0, 90_000));
    server.answer = (_, response) =>
      void response.writeHead(200, { 'content-length': size }).end(packed);
    expect(codeOf(await pull())).toBe('ok');
  });

  test('is a page in place of the archive: refused, and nothing of it is kept', async () => {
    server.answer = (_, response) => void response.writeHead(200).end('<html>not here</html>');
    expect(await refused()).toContain(`fetched 21 of ${size} bytes`);
    expect(spools()).toEqual([]);
  });

  test('is an error of the server, as of a URL that is no longer valid', async () => {
    server.answer = (_, response) => void response.writeHead(403).end('<Error>expired</Error>');
    expect(await refused()).toMatch(/the server answered (403|with an error)/);
  });

  test('is a certificate that the host does not trust', async () => {
    expect(await refused(urlOf(), null)).toContain('certificate is not trusted');
    expect(server.asked).toEqual([]);
  });

  test('is a redirect to http: not followed', async () => {
    const asked: string[] = [];
    const plain = createServer((request, response) => {
      asked.push(request.url ?? '');
      serving(packed)(request, response);
    });
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const address = plain.address();
    const port = typeof address === 'object' ? address?.port : null;
    server.answer = (_, response) =>
      void response.writeHead(302, { location: `http://127.0.0.1:${port}/?sig=${SECRET}` }).end();
    try {
      await refused();
      expect(asked).toEqual([]);
    } finally {
      plain.close();
    }
  });

  test('is no server', async () => {
    expect(await refused(`https://127.0.0.1:1/?sig=${SECRET}`)).toContain('no connection');
  });
});

test('a host with neither curl nor GNU wget says so', async () => {
  await start('dash', 'wget');
  host.tool('wget', '#!/bin/sh\nexec /usr/bin/busybox wget "$@"\n');
  expect(await pull()).toMatchObject({
    failure: { code: 'pull_failed', message: 'neither curl nor GNU wget is on this host' },
  });
});

test.each([
  'http://127.0.0.1/x',
  'SERVER/x"\noutput = "/dev/null',
  'SERVER/x y',
  'file:///etc/passwd',
  'https://x/\\',
  '-o/etc/passwd',
])('the host refuses a URL like %j', async (url) => {
  await start('dash', 'curl');
  const outcome = await pull(url.replace('SERVER', server.url));
  const message = expect.stringMatching(/^the URL is (malformed|not an https URL)$/);
  expect(outcome).toMatchObject({ failure: { code: 'pull_failed', message } });
  expect(server.asked).toEqual([]);
});

test('a redirect to another https URL is followed by curl', async () => {
  await start('dash', 'curl');
  server.answer = (request, response) => {
    if (request.url?.startsWith('/moved')) return serving(packed)(request, response);
    response.writeHead(302, { location: `${server.url}/moved` }).end();
  };
  expect(codeOf(await pull())).toBe('ok');
});

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createRevokedKeysStore } from '../../../src/transport/known-hosts/revoked-keys.js';
import {
  connected,
  hostAt,
  makeKey,
  publicBlob,
  refused,
  sharedHostKey,
  startServer,
  temporaryFolder,
} from '../support/ssh-server.js';

const other = makeKey('rsa');

/** A list that the real ssh-keygen makes of these keys, or of a specification of them. */
function listOf(text: string, ...args: readonly string[]): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'revoked'), text);
  const file = join(folder, 'list.krl');
  execFileSync('ssh-keygen', ['-q', '-k', ...args, '-f', file, join(folder, 'revoked')]);
  return file;
}

function plainFile(text: string): string {
  const file = join(temporaryFolder(), 'revoked');
  writeFileSync(file, text);
  return file;
}

const { publicLine } = sharedHostKey;
const digest = (key: string, hash: string): string => {
  const file = plainFile(`${key}\n`);
  return (
    execFileSync('ssh-keygen', ['-l', '-E', hash, '-f', file], { encoding: 'utf8' }).split(
      ' ',
    )[1] ?? ''
  );
};

describe('the key of a host is refused where it is revoked', () => {
  test.each([
    [
      'as a line',
      () => plainFile(`# old ones\n\n${other.publicLine} note\n  ${publicLine} of web1\n`),
    ],
    ['by ssh-keygen', () => listOf(`${other.publicLine}\n${publicLine}\n`)],
    ['by its SHA-256', () => listOf(`hash: ${digest(publicLine, 'sha256')}\n`)],
    ['by its SHA-1', () => listOf(`sha1: ${publicLine}\n`)],
    ['in a list with a comment and a version', () => listOf(`${publicLine}\n`, '-z', '7')],
  ])('%s', async (_, file) => {
    const server = await startServer();
    const revokedHostKeys = file();
    expect(await refused(hostAt(server.port, { revokedHostKeys }))).toMatchObject({
      code: 'host_key_revoked',
      message: expect.stringContaining(`is revoked by ${revokedHostKeys}`),
    });
  });

  test('also where it would be new, and accepted', async () => {
    const server = await startServer();
    const host = hostAt(server.port, {
      record: null,
      hostKeys: 'accept-new',
      revokedHostKeys: plainFile(`${publicLine}\n`),
    });
    expect(await refused(host)).toMatchObject({ code: 'host_key_revoked' });
  });
});

test.each([
  ['a file of other keys', () => plainFile(`${other.publicLine}\nno key at all\n`)],
  ['a list of other keys', () => listOf(`${other.publicLine}\n`)],
  ['an empty list', () => listOf('')],
])('%s revokes nothing else', async (_, file) => {
  const server = await startServer();
  await connected(hostAt(server.port, { revokedHostKeys: file() }));
});

test.each([
  ['is not there', () => join(temporaryFolder(), 'none')],
  ['is a folder', () => temporaryFolder()],
  ['is a list that ends in the middle', () => cutList()],
  [
    'is a list with a section of another kind',
    () => plainFile(`SSHKRL\n\0\0\0\0\x01${'\0'.repeat(32)}\x63\0\0\0\0`),
  ],
])('no host is trusted where the file %s', async (_, file) => {
  const server = await startServer();
  expect(await refused(hostAt(server.port, { revokedHostKeys: file() }))).toMatchObject({
    code: 'host_key_unknown',
    message: expect.stringContaining('no host key can be trusted'),
  });
});

function cutList(): string {
  const whole = execFileSync('cat', [listOf(`${publicLine}\n`)]);
  const file = join(temporaryFolder(), 'cut.krl');
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, whole.subarray(0, whole.length - 5));
  return file;
}

test('a list that also revokes certificates is read past them', async () => {
  const folder = temporaryFolder();
  const authority = makeKey();
  writeFileSync(join(folder, 'ca.pub'), `${authority.publicLine}\n`);
  const file = listOf(`serial: 5-9\nid: web\n`, '-s', join(folder, 'ca.pub'));
  const revoked = await createRevokedKeysStore().open(file);
  expect(revoked.has(publicBlob(authority))).toBe(false);
});

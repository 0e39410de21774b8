import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { processContext } from '../../src/cli/context/context.js';
import { readSecret } from '../../src/cli/context/secrets.js';
import { readIdentity, unseal } from '../../src/transport/keys/identity.js';
import { hasSshd, startAgent } from '../transport/support/real-sshd.js';
import {
  connected,
  hostAt,
  makeKey,
  refused,
  startServer,
  temporaryFolder,
} from '../transport/support/ssh-server.js';

const isRoot = process.getuid?.() === 0;
const MODES = [0o600, 0o400, 0o700, 0o640, 0o604, 0o610, 0o620, 0o644, 0o666, 0o777];
const PASSPHRASE = 'open sesame';

function keyFile(text: string, mode: number): string {
  const file = join(temporaryFolder(), 'id');
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

/** Whether OpenSSH itself takes the private key. */
function sshTakes(file: string, passphrase: string): boolean {
  return spawnSync('ssh-keygen', ['-y', '-P', passphrase, '-f', file]).status === 0;
}

async function fleetTakes(file: string): Promise<boolean> {
  const found = await readIdentity(file);
  if (found.kind !== 'sealed' || found.otherwise !== null) return found.kind === 'usable';
  const opened = await unseal(file, 'env:X', { secret: async () => PASSPHRASE });
  return opened.kind === 'usable';
}

describe('a private key', () => {
  test.each(MODES)('of mode %o is accepted if OpenSSH accepts it, and only then', async (mode) => {
    const plain = keyFile(makeKey().privateText, mode);
    expect(await fleetTakes(plain)).toBe(sshTakes(plain, ''));
    const sealed = keyFile(makeKey('ed25519', PASSPHRASE).privateText, mode);
    expect(await fleetTakes(sealed)).toBe(sshTakes(sealed, PASSPHRASE));
  });

  test.runIf(isRoot)('of another user is that user’s to protect, as for OpenSSH', async () => {
    const file = keyFile(makeKey().privateText, 0o644);
    chownSync(file, 1, 1);
    expect(await fleetTakes(file)).toBe(true);
    expect(sshTakes(file, '')).toBe(true);
  });

  test('that others may read is not offered, and the command to type is shown', async () => {
    const server = await startServer();
    const host = hostAt(server.port);
    const [file = ''] = host.ssh.identityFiles;
    chmodSync(file, 0o644);
    expect(await refused(host)).toMatchObject({
      code: 'identity_unusable',
      message: expect.stringContaining(`${file}: other users may read it (mode 0644)`),
      hint: `chmod 600 ${file}`,
    });
    expect(server.tried).toEqual([]);
    chmodSync(file, 0o600);
    await connected(hostAt(server.port, { identityFiles: [file] }));
  });

  test('that others may read does not keep the next one from being offered', async () => {
    const server = await startServer();
    const open = keyFile(makeKey().privateText, 0o644);
    const host = hostAt(server.port);
    const identityFiles = [open, ...host.ssh.identityFiles];
    await connected({ ...host, ssh: { ...host.ssh, identityFiles } });
  });

  test.skipIf(!hasSshd)('that others may read may be held by an agent', async () => {
    const userKey = makeKey();
    const server = await startServer({ accepts: userKey });
    const file = keyFile(userKey.privateText, 0o600);
    const agent = await startAgent([file]);
    chmodSync(file, 0o644);
    await connected(hostAt(server.port, { identityFiles: [file], agent, identitiesOnly: true }));
  });

  test('is distinguished from a public one, which everyone may read', async () => {
    const file = keyFile(makeKey().publicLine, 0o644);
    expect(await readIdentity(file)).toMatchObject({
      kind: 'sealed',
      otherwise: { reason: expect.stringContaining('public key') },
    });
  });
});

describe('a file with a passphrase', () => {
  const read = (file: string) => readSecret(processContext(), `file:${file}`);

  test('is read where no one else can', async () => {
    expect(await read(keyFile(`${PASSPHRASE}\n`, 0o400))).toBe(PASSPHRASE);
  });

  test.each([0o644, 0o640, 0o604, 0o620])('is refused with mode %o', async (mode) => {
    const file = keyFile(`${PASSPHRASE}\n`, mode);
    await expect(read(file)).rejects.toMatchObject({
      code: 'secret_unavailable',
      message: expect.stringMatching(/other users may read .* \(mode 06\d\d\)$/),
      hint: `chmod 600 ${file}`,
    });
    await expect(read(file)).rejects.not.toThrow(PASSPHRASE);
  });
});

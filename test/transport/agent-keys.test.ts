import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasSshd, startAgent, startSshd } from './support/real-sshd.js';
import {
  connected,
  hostAt,
  makeKey,
  refused,
  sharedHostKey,
  startServer,
  temporaryFolder,
} from './support/ssh-server.js';

describe.skipIf(!hasSshd)('an agent with twenty keys', () => {
  test('of which the right one is the last is cut off, and what to do is said', async () => {
    const { host, agent, file } = await twentyKeys();
    const failure = await refused({ ...host, ssh: { ...host.ssh, agent, identityFiles: [] } });
    expect(failure).toMatchObject({
      code: 'auth_failed',
      message: expect.stringContaining('hung up after too many keys; 20 were to be offered'),
      hint: expect.stringContaining('identities_only: true'),
    });
    await connected({ ...host, ssh: { ...host.ssh, agent, identityFiles: [file] } });
  });

  test('offers the one first that a .pub names, and no other with identities_only', async () => {
    const { host, agent, file, log } = await twentyKeys();
    const publicFile = join(temporaryFolder(), 'id.pub');
    writeFileSync(publicFile, readFileSync(`${file}.pub`));
    rmSync(file);
    for (const named of [publicFile, file]) {
      await connected({ ...host, ssh: { ...host.ssh, agent, identityFiles: [named] } });
    }
    expect(log.filter((line) => line.startsWith('Failed publickey'))).toEqual([]);
    const other = join(temporaryFolder(), 'other.pub');
    writeFileSync(other, makeKey().publicLine);
    const ssh = { ...host.ssh, agent, identityFiles: [other], identitiesOnly: true };
    expect(await refused({ ...host, ssh })).toMatchObject({
      code: 'identity_unusable',
      message: expect.stringContaining('no agent holds'),
    });
    expect(log.filter((line) => line.startsWith('Connection from'))).toHaveLength(2);
  });

  test('offers the key of a sealed file alone with identities_only', async () => {
    const { host, agent, file, log } = await twentyKeys('open sesame');
    const ssh = { ...host.ssh, agent, identityFiles: [file], identitiesOnly: true };
    await connected({ ...host, ssh });
    expect(log.filter((line) => line.startsWith('Failed publickey'))).toEqual([]);
  });
});

/** The last of twenty keys is the right one; its file and its `.pub` are beside each other. */
async function twentyKeys(passphrase = '') {
  const userKey = passphrase === '' ? makeKey() : makeKey('ed25519', passphrase);
  const { host, log } = await startSshd({ accepts: userKey, userKey });
  const [file = ''] = host.ssh.identityFiles;
  writeFileSync(`${file}.pub`, userKey.publicLine);
  const others = Array.from(
    { length: 19 },
    () => hostAt(1, { userKey: makeKey() }).ssh.identityFiles[0] ?? '',
  );
  return { host, log, file, agent: await startAgent([...others, file], passphrase) };
}

describe('host_key_alias', () => {
  test('is the name under which the key is looked up, whatever is dialled', async () => {
    const server = await startServer();
    const host = hostAt(server.port, { record: null, hostKeyAlias: 'web.example.com' });
    const [file = ''] = host.ssh.knownHosts;
    const failure = await refused(host);
    expect(failure).toMatchObject({
      code: 'host_key_unknown',
      message: expect.stringContaining('(web.example.com)'),
      hint: expect.stringContaining("sed 's/^[^ ]*/web.example.com/'"),
    });
    writeFileSync(file, `web.example.com ${sharedHostKey.publicLine}\n`);
    await connected(host);
    writeFileSync(file, `web.example.com ${makeKey().publicLine}\n`);
    expect(await refused(host)).toMatchObject({
      code: 'host_key_changed',
      hint: expect.stringContaining("-R 'web.example.com'"),
    });
  });

  test('is the name under which a new key is recorded, without a port', async () => {
    const server = await startServer();
    const file = join(temporaryFolder(), 'known_hosts');
    const ssh = { record: null, hostKeys: 'accept-new', knownHosts: [file] } as const;
    await connected(hostAt(server.port, { ...ssh, hostKeyAlias: 'Web.example.com' }));
    expect(readFileSync(file, 'utf8')).toBe(`web.example.com ${sharedHostKey.publicLine}\n`);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createOpensshTransport } from '../../../src/transport/openssh/transport.js';
import { hasSshd, startSshd } from '../support/real-sshd.js';
import { connected, hostAt, refused, startServer, temporaryFolder } from '../support/ssh-server.js';

const REMEDY = expect.stringContaining('Set `known_hosts: ~/.ssh/known_hosts` under `ssh:`');

test.each([
  ['/dev/null', ['/dev/null', '/etc/ssh/none-here']],
  ['no file', []],
])(
  'a new key is not accepted where it would be recorded in %s, and the remedy is said',
  async (_, knownHosts) => {
    const server = await startServer();
    for (const hostKeys of ['accept-new', 'strict'] as const) {
      const failure = await refused(hostAt(server.port, { knownHosts, hostKeys }));
      expect(failure).toMatchObject({ code: 'host_key_unknown', hint: REMEDY });
      expect(JSON.stringify(failure)).not.toContain('>> /dev/null');
    }
  },
);

test('a key that another file has is taken though the first is /dev/null', async () => {
  const server = await startServer();
  const recorded = hostAt(server.port).ssh.knownHosts;
  await connected(hostAt(server.port, { knownHosts: ['/dev/null', ...recorded] }));
});

test.skipIf(!hasSshd)('openssh says and does the same', async () => {
  const { host } = await startSshd();
  const transport = createOpensshTransport({ env: process.env, includes: [] });
  onTestFinished(() => transport.close());
  const connect = (knownHosts: readonly string[]) =>
    transport.connect({ ...host, ssh: { ...host.ssh, hostKeys: 'accept-new', knownHosts } });
  expect(await connect(['/dev/null'])).toMatchObject({
    kind: 'failed',
    failure: { code: 'host_key_unknown', hint: REMEDY },
  });
  const file = join(temporaryFolder(), 'known_hosts');
  expect((await connect([file])).kind).toBe('connected');
  expect(readFileSync(file, 'utf8')).toContain('127.0.0.1');
});

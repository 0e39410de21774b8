import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { opensshConfig } from '../../../src/transport/openssh/config.js';
import { ALWAYS } from '../../../src/transport/openssh/options.js';
import { hostFixture } from '../../fixtures/host.js';
import { hasSshd, startSshd } from '../support/real-sshd.js';
import { temporaryFolder } from '../support/ssh-server.js';

describe('the configuration that is written for ssh', () => {
  test('calls the host what people call it, where ssh can be told that', () => {
    const nameOf = (name: string, address: string): string => {
      const host = { ...hostFixture('web1'), name: hostFixture(name).name, address };
      return opensshConfig({ host, socket: '/s', jumpSocket: null, always: ALWAYS, includes: [] })
        .name;
    };
    expect(nameOf('web1', '10.0.0.1')).toBe('web1');
    expect(nameOf('deploy@bastion:2222', 'bastion')).toBe('bastion');
    expect(nameOf('::1', '::1')).toBe('fleet-host');
  });

  test.skipIf(!hasSshd)('a jump host that was lost is not gone around', async () => {
    const [{ host }, jump] = [await startSshd(), await startSshd()];
    const file = join(temporaryFolder(), 'config');
    const { text, name } = opensshConfig({
      host: { ...host, ssh: { ...host.ssh, jump: { ...jump.host, name: 'jump' } } },
      socket: join(temporaryFolder(), 'socket'),
      jumpSocket: join(temporaryFolder(), 'gone'),
      always: ALWAYS,
      includes: [],
    });
    writeFileSync(file, text);
    const ssh = spawn('ssh', ['-F', file, name, 'true'], { stdio: 'ignore' });
    expect(await once(ssh, 'exit')).toEqual([255, null]);
    expect(jump.log.filter((line) => line.startsWith('Connection from'))).toEqual([]);
  });
});

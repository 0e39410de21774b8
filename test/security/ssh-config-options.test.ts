import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Host } from '../../src/model/hosts/host.js';
import { opensshConfig } from '../../src/transport/openssh/config.js';
import { optionsOfSsh } from '../../src/transport/openssh/options.js';
import { createOpensshTransport } from '../../src/transport/openssh/transport.js';
import { BIN, hasSshd, startAgent, startSshd } from '../transport/support/real-sshd.js';
import { makeKey, temporaryFolder } from '../transport/support/ssh-server.js';

const SOON = { timeoutMs: 10_000 };

/** A transport whose ssh reads these lines, as if a person had them in ~/.ssh/config. */
function transportWith(...lines: readonly string[]) {
  const file = join(temporaryFolder(), 'ssh_config');
  writeFileSync(file, `Host *\n${lines.map((line) => `  ${line}\n`).join('')}`);
  const env = { ...process.env, FLEET_TEST: String(process.pid) };
  const transport = createOpensshTransport({ env, includes: [file] });
  onTestFinished(() => transport.close());
  return transport;
}

async function refusal(host: Host, ...lines: readonly string[]) {
  const outcome = await transportWith(...lines).connect(host);
  if (outcome.kind === 'connected') throw new Error('connected');
  return outcome.failure;
}

async function connection(host: Host, ...lines: readonly string[]) {
  const outcome = await transportWith(...lines).connect(host);
  if (outcome.kind === 'failed') throw new Error(JSON.stringify(outcome.failure));
  return outcome.connection;
}

/** A host of which `known_hosts` knows nothing, and its host key. */
async function strangersHost() {
  const hostKey = makeKey();
  const { host, log } = await startSshd({ hostKeys: [hostKey] });
  const unknown = join(temporaryFolder(), 'known_hosts');
  return { hostKey, log, host: { ...host, ssh: { ...host.ssh, knownHosts: [unknown] } } };
}

describe.skipIf(!hasSshd)(
  'with the openssh transport no ssh_config makes an unknown host known:',
  () => {
    test.each([
      ['KnownHostsCommand', (line: string) => [`KnownHostsCommand /bin/sh -c "cat ${line}"`]],
      ['StrictHostKeyChecking no', () => ['StrictHostKeyChecking no']],
      ['StrictHostKeyChecking accept-new', () => ['StrictHostKeyChecking accept-new']],
      ['NoHostAuthenticationForLocalhost', () => ['NoHostAuthenticationForLocalhost yes']],
      ['VerifyHostKeyDNS', () => ['VerifyHostKeyDNS yes']],
      ['GSSAPIKeyExchange', () => ['GSSAPIAuthentication yes', 'GSSAPIKeyExchange yes']],
      ['GlobalKnownHostsFile', (line: string) => [`GlobalKnownHostsFile ${line}`]],
      ['UserKnownHostsFile', (line: string) => [`UserKnownHostsFile ${line}`]],
      [
        'CanonicalizeHostname',
        () => ['CanonicalizeHostname always', 'CanonicalDomains localdomain'],
      ],
    ])('%s', async (_name, lines) => {
      const { host, hostKey, log } = await strangersHost();
      const line = join(temporaryFolder(), 'line');
      writeFileSync(line, `*,[*]:* ${hostKey.publicLine}\n`);
      expect(await refusal(host, ...lines(line))).toMatchObject({ code: 'host_key_unknown' });
      expect(log.join('\n')).not.toContain('Accepted publickey');
    });
  },
);

test.skipIf(!hasSshd)(
  'a host key that RevokedHostKeys of an ssh_config names is refused',
  async () => {
    const hostKey = makeKey();
    const { host } = await startSshd({ hostKeys: [hostKey] });
    const file = join(temporaryFolder(), 'revoked');
    writeFileSync(file, `${hostKey.publicLine}\n`);
    expect(await refusal(host, `RevokedHostKeys ${file}`)).toMatchObject({
      code: 'host_key_revoked',
    });
  },
);

describe.skipIf(!hasSshd)('with the openssh transport an ssh_config', () => {
  test('runs no command of its own, here or there', async () => {
    const { host } = await startSshd();
    const file = join(temporaryFolder(), 'ran');
    const lines = [
      'PermitLocalCommand yes',
      `LocalCommand touch ${file}`,
      `RemoteCommand touch ${file}`,
    ];
    const open = await connection(host, ...lines);
    expect(await open.exec('echo mine', SOON)).toMatchObject({ stdout: 'mine\n', code: 0 });
    expect(existsSync(file)).toBe(false);
  });

  test('forwards nothing: no agent, no port, no variable', async () => {
    const { host } = await startSshd({ config: 'AcceptEnv *\nAllowAgentForwarding yes' });
    const agent = await startAgent(host.ssh.identityFiles);
    const open = await connection(
      { ...host, ssh: { ...host.ssh, agent } },
      'ForwardAgent yes',
      'ForwardX11 yes',
      'SetEnv FROM_CONFIG=1',
      'LocalForward 127.0.0.1:39217 127.0.0.1:22',
      'DynamicForward 127.0.0.1:39218',
      'Tunnel yes',
    );
    expect(await open.exec('env', SOON)).toMatchObject({
      stdout: expect.not.stringMatching(/^(SSH_AUTH_SOCK|DISPLAY|FROM_CONFIG)=/m),
    });
    for (const port of [39217, 39218]) expect(await isOpen(port)).toBe(false);
  });

  test('leaves agent and known_hosts as they are', async () => {
    const { host } = await startSshd({ hostKeys: [makeKey(), makeKey('rsa')] });
    const [known = ''] = host.ssh.knownHosts;
    const before = readFileSync(known, 'utf8');
    const agent = await startAgent([]);
    const open = await connection(
      { ...host, ssh: { ...host.ssh, agent } },
      'AddKeysToAgent yes',
      'UpdateHostKeys yes',
    );
    await open.exec('true', SOON);
    expect(readFileSync(known, 'utf8')).toBe(before);
    expect(heldBy(agent)).toContain('no identities');
  });

  test('sends no ssh to the background, where it would outlive the command', async () => {
    const { host } = await startSshd();
    const transport = transportWith('ForkAfterAuthentication yes', 'ControlPersist yes');
    expect(await transport.connect(host)).toMatchObject({ kind: 'connected' });
    const folders = masters();
    await transport.close();
    expect(folders.length).toBeGreaterThan(0);
    expect(masters()).toEqual([]);
  });

  test('delegates no ticket', async () => {
    const { host } = await startSshd();
    const file = join(temporaryFolder(), 'own');
    writeFileSync(file, 'GSSAPIAuthentication yes\nGSSAPIDelegateCredentials yes\n');
    const always = await optionsOfSsh(process.env);
    const paths = { socket: '/nowhere', jumpSocket: null, includes: [file] };
    const { text, name } = opensshConfig({ host, ...paths, always });
    const written = join(temporaryFolder(), 'written');
    writeFileSync(written, text);
    const effective = execFileSync('ssh', ['-G', '-F', written, name], { encoding: 'utf8' });
    expect(effective).toContain('gssapiauthentication yes\n');
    expect(effective).toContain('gssapidelegatecredentials no\n');
  });
});

test('an option that the ssh of this machine does not know is left out, and no other', async () => {
  const folder = temporaryFolder();
  const program = join(folder, 'ssh');
  const keywords = async () => (await optionsOfSsh({ PATH: folder })).map(([keyword]) => keyword);
  const say = (text: string) => {
    writeFileSync(
      program,
      `#!/bin/sh\ncase "$*" in *ForkAfter*) echo '${text}' >&2; exit 255;; esac\n`,
      {
        mode: 0o755,
      },
    );
  };
  say('command-line: line 0: Bad configuration option: forkafterauthentication');
  expect(await keywords()).not.toContain('ForkAfterAuthentication');
  expect(await keywords()).toContain('KnownHostsCommand');
  say('fork: resource temporarily unavailable');
  expect(await keywords()).toContain('ForkAfterAuthentication');
});

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('close', () => socket.destroy());
  });
}

function heldBy(agent: string): string {
  try {
    return execFileSync(`${BIN}/ssh-add`, ['-l'], {
      env: { SSH_AUTH_SOCK: agent },
      encoding: 'utf8',
    });
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
  }
}

/** Those of this test process's `ssh` that read a configuration written by fleet. */
function masters(): readonly string[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.flatMap((pid) => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const mine = readFileSync(`/proc/${pid}/environ`, 'utf8').includes(
        `FLEET_TEST=${process.pid}\0`,
      );
      return line[0] === 'ssh' && mine ? [line.join(' ')] : [];
    } catch {
      return [];
    }
  });
}

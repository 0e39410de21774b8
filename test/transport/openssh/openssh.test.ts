import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FleetError } from '../../../src/errors/fleet-error.js';
import type { Host } from '../../../src/model/hosts/host.js';
import {
  createOpensshTransport,
  type OpensshTransportOptions,
} from '../../../src/transport/openssh/transport.js';
import { BIN, hasSshd, startAgent, startSshd } from '../support/real-sshd.js';
import { startRelay } from '../support/relay.js';
import { hostAt, type KeyPair, makeKey, refused, temporaryFolder } from '../support/ssh-server.js';

const SOON = { timeoutMs: 10_000 };

function transportFor(options: Partial<OpensshTransportOptions> = {}) {
  const transport = createOpensshTransport({ env: process.env, includes: [], ...options });
  onTestFinished(() => transport.close());
  return transport;
}

async function connected(host: Host, options: Partial<OpensshTransportOptions> = {}) {
  const outcome = await transportFor(options).connect(host);
  if (outcome.kind === 'failed') throw new Error(JSON.stringify(outcome.failure));
  return outcome.connection;
}

async function failing(host: Host, options: Partial<OpensshTransportOptions> = {}) {
  const outcome = await transportFor(options).connect(host);
  if (outcome.kind === 'connected') throw new Error('connected');
  return outcome.failure;
}

/** The key of an authority, and a certificate that it has made for `key`. */
function certify(key: KeyPair, ...options: readonly string[]) {
  const folder = temporaryFolder();
  const authority = makeKey();
  writeFileSync(join(folder, 'ca'), authority.privateText, { mode: 0o600 });
  writeFileSync(join(folder, 'key.pub'), `${key.publicLine}\n`);
  const args = ['-q', '-s', join(folder, 'ca'), '-I', 'a test', ...options];
  execFileSync(`${BIN}/ssh-keygen`, [...args, join(folder, 'key.pub')], { stdio: 'ignore' });
  return { authority, certificate: join(folder, 'key-cert.pub') };
}

describe.skipIf(!hasSshd)('what only ssh can do:', () => {
  test('a user certificate beside its key logs in, where the key itself would not', async () => {
    const userKey = makeKey();
    const { authority, certificate } = certify(userKey, '-n', 'root');
    const trusted = join(temporaryFolder(), 'ca.pub');
    writeFileSync(trusted, `${authority.publicLine}\n`);
    const config = `TrustedUserCAKeys ${trusted}`;
    const { host } = await startSshd({ userKey, accepts: makeKey(), config });
    expect(await failing(host)).toMatchObject({ code: 'auth_failed' });
    writeFileSync(`${host.ssh.identityFiles[0]}-cert.pub`, readFileSync(certificate));
    expect(await (await connected(host)).exec('exit 3', SOON)).toMatchObject({ code: 3 });
    expect(await refused({ ...host, ssh: { ...host.ssh, transport: 'ssh2' } })).toMatchObject({
      code: 'auth_failed',
    });
  });

  test('a host certificate is known by its authority, and no other', async () => {
    const hostKey = makeKey();
    const { authority, certificate } = certify(hostKey, '-h', '-n', '127.0.0.1');
    const { host } = await startSshd({
      hostKeys: [hostKey],
      config: `HostCertificate ${certificate}`,
    });
    const [file = ''] = host.ssh.knownHosts;
    writeFileSync(file, `@cert-authority * ${authority.publicLine}\n`);
    await connected(host);
    writeFileSync(file, `@cert-authority * ${makeKey().publicLine}\n`);
    expect(await failing(host)).toMatchObject({ code: 'host_key_unknown' });
  });

  test('a key exchange that resists quantum computers', async () => {
    const { host } = await startSshd({
      config: 'KexAlgorithms sntrup761x25519-sha512@openssh.com',
    });
    expect((await refused(host)).code).toBe('no_common_algorithm');
    await connected(host);
  });
});

describe.skipIf(!hasSshd)('a key with a passphrase', () => {
  test('works through an agent, and without one says so', async () => {
    const userKey = makeKey('ed25519', 'open sesame');
    const { host } = await startSshd({ accepts: userKey, userKey });
    const [file = ''] = host.ssh.identityFiles;
    writeFileSync(`${file}.pub`, `${userKey.publicLine}\n`);
    expect(await failing(host)).toMatchObject({
      code: 'identity_unusable',
      message: expect.stringContaining(file),
      hint: expect.stringContaining('ssh-add'),
    });
    const agent = await startAgent([file], 'open sesame');
    await connected({ ...host, ssh: { ...host.ssh, agent } });
  });

  test('cannot be opened by a `passphrase` of ours', async () => {
    const host = hostAt(1, { transport: 'openssh', passphrase: 'env:PASS' });
    const error = await transportFor()
      .connect(host)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FleetError);
    expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining('web1') });
  });
});

describe.skipIf(!hasSshd)("the person's ssh_config", () => {
  test('adds what the inventory has no word for, and overrules nothing', async () => {
    const userKey = makeKey();
    const { host } = await startSshd({ userKey });
    const include = join(temporaryFolder(), 'config');
    const lines = ['User nobody', 'Port 1', 'ProxyCommand false', 'ForwardAgent yes'];
    writeFileSync(include, `Host web1\n${lines.map((line) => `  ${line}\n`).join('')}`);
    expect(await failing(host, { includes: [include] })).toMatchObject({ code: 'unreachable' });
    writeFileSync(include, readFileSync(include, 'utf8').replace('ProxyCommand false', ''));
    const { exec } = await connected(host, { includes: [include] });
    const outcome = await exec('id -un; echo "[$SSH_AUTH_SOCK]"', SOON);
    expect(outcome).toMatchObject({ stdout: 'root\n[]\n' });
  });

  test('is the one that the inventory names, or none', async () => {
    const { host } = await startSshd();
    const include = join(temporaryFolder(), 'config');
    writeFileSync(include, 'ProxyCommand false\n');
    const by = (configFile: string) => ({ ...host, ssh: { ...host.ssh, configFile } });
    expect(await failing(by(include))).toMatchObject({ code: 'unreachable' });
    await connected(by('none'), { includes: [include] });
  });

  test('that ssh does not take is named with its line', async () => {
    const { host } = await startSshd();
    const include = join(temporaryFolder(), 'config');
    writeFileSync(include, 'Host *\n  Colour blue\n');
    expect(await failing(host, { includes: [include] })).toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining(`${include}`),
    });
  });
});

describe.skipIf(!hasSshd)('a jump host', () => {
  test('is logged in to once for all behind it, by its own key', async () => {
    const jump = await startSshd();
    const [one, two] = [await startSshd(), await startSshd()];
    const transport = transportFor();
    const outcomes = await Promise.all(
      [one.host, two.host, one.host].map((host) => transport.connect(behind(host, jump.host))),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(['connected', 'connected', 'connected']);
    for (const outcome of outcomes) {
      if (outcome.kind === 'failed') throw new Error('failed');
      expect(await outcome.connection.exec('exit 6', SOON)).toMatchObject({ code: 6 });
    }
    expect(jump.log.filter((line) => line.startsWith('Connection from'))).toHaveLength(1);
  });

  test('may be behind another', async () => {
    const [first, second, last] = [await startSshd(), await startSshd(), await startSshd()];
    const { exec } = await connected(behind(last.host, behind(second.host, first.host)));
    expect(await exec('exit 6', SOON)).toMatchObject({ code: 6 });
  });

  test('that fails is named, with its own failure', async () => {
    const { host } = await startSshd();
    const unknown = await startSshd();
    writeFileSync(unknown.host.ssh.knownHosts[0] ?? '', '');
    const reached = await startSshd();
    const down = hostAt(1);
    expect(await failing(behind(host, down))).toMatchObject({
      code: 'unreachable',
      message: 'jump host jump: 127.0.0.1:1 refuses connections',
    });
    expect(await failing(behind(host, behind(unknown.host, reached.host)))).toMatchObject({
      code: 'host_key_unknown',
      message: expect.stringMatching(/^jump host jump: no host key of/),
    });
  });

  test('that forwards nothing is named, not the host behind it', async () => {
    const { host } = await startSshd();
    const closed = await startSshd({ config: 'AllowTcpForwarding no' });
    expect(await failing(behind(host, closed.host))).toMatchObject({
      code: 'unreachable',
      message: `jump host jump does not forward to 127.0.0.1:${host.ssh.port}`,
    });
  });

  test('does not vouch for the host behind it', async () => {
    const [{ host }, jump] = [await startSshd(), await startSshd()];
    writeFileSync(host.ssh.knownHosts[0] ?? '', '');
    expect(await failing(behind(host, jump.host))).toMatchObject({
      code: 'host_key_unknown',
      message: expect.stringContaining(`127.0.0.1:${host.ssh.port}`),
    });
  });
});

describe.skipIf(!hasSshd)('a server', () => {
  test('that allows one session gives it to the commands', async () => {
    const { host } = await startSshd({ config: 'MaxSessions 1' });
    const { exec } = await connected(host);
    expect(await exec('exit 7', SOON)).toMatchObject({ code: 7 });
    const begun = join(temporaryFolder(), 'begun');
    const first = exec(`touch ${begun}; sleep 1`, SOON);
    await expect.poll(() => existsSync(begun), { timeout: 10_000 }).toBe(true);
    expect(await exec('true', SOON)).toMatchObject({ kind: 'lost' });
    expect(await first).toMatchObject({ kind: 'exited', code: 0 });
  });

  test('that stops in the middle of the login is timed out, and its ssh ended', async () => {
    const { host } = await startSshd();
    const relay = await startRelay(host);
    const trace = (_host: unknown, line: string) => {
      if (line.includes('SSH2_MSG_NEWKEYS received')) relay.freeze();
    };
    const slow = { ...relay.host, ssh: { ...relay.host.ssh, connectTimeoutMs: 1500 } };
    expect(await failing(slow, { trace })).toMatchObject({
      code: 'connect_timeout',
      message: expect.stringContaining('authentication'),
    });
  });
});

describe.skipIf(!hasSshd)('the machine', () => {
  test('without ssh refuses the run, with the remedy', async () => {
    const env = { PATH: temporaryFolder() };
    const error = await transportFor({ env })
      .connect(hostAt(1, { transport: 'openssh' }))
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'usage', hint: expect.stringContaining('openssh-client') });
  });

  test('keeps nothing of a closed transport', async () => {
    const { host } = await startSshd();
    const folder = temporaryFolder();
    const transport = transportFor({ env: { ...process.env, XDG_RUNTIME_DIR: folder } });
    await transport.connect(host);
    const [own = ''] = readdirSync(folder);
    expect(readdirSync(join(folder, own)).sort()).toEqual(['h1', 'h1.conf']);
    await transport.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('refuses values that ssh_config cannot hold', async () => {
    const host = hostAt(1, { transport: 'openssh', identityFiles: ['/tmp/a"b'] });
    const error = await transportFor()
      .connect(host)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining('/tmp/a"b') });
  });

  test('may have spaces and percent signs in its paths', async () => {
    const { host } = await startSshd();
    const odd = join(temporaryFolder(), 'my 100% key');
    writeFileSync(odd, readFileSync(host.ssh.identityFiles[0] ?? ''), { mode: 0o600 });
    await connected({ ...host, ssh: { ...host.ssh, identityFiles: [odd] } });
  });
});

function behind(host: Host, jump: Host): Host {
  return { ...host, ssh: { ...host.ssh, jump: { ...jump, name: 'jump' as typeof jump.name } } };
}

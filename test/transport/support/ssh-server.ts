import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Algorithms, AuthContext, Connection, ParsedKey, ServerChannel } from 'ssh2';
import ssh2 from 'ssh2';
import { onTestFinished } from 'vitest';
import type { Host, SshSettings } from '../../../src/model/hosts/host.js';
import { asHostName } from '../../../src/model/names.js';
import { createTcpDial } from '../../../src/transport/ssh2/dial.js';
import { createNameCache } from '../../../src/transport/ssh2/name-cache.js';
import {
  createSsh2Transport,
  type Ssh2TransportOptions,
} from '../../../src/transport/ssh2/transport.js';

/** A key pair in OpenSSH form, and its public line without a comment. */
export interface KeyPair {
  readonly privateText: string;
  readonly publicLine: string;
}

export type KeyType = 'ed25519' | 'ecdsa' | 'rsa';

export function makeKey(type: KeyType = 'ed25519', passphrase?: string): KeyPair {
  // One in a hundred ed25519 keys that ssh2 1.17 generates is malformed, by its own parser too.
  for (;;) {
    const pair = generateKey(type, passphrase);
    if (!(ssh2.utils.parseKey(pair.privateText, passphrase) instanceof Error)) return pair;
  }
}

function generateKey(type: KeyType, passphrase: string | undefined): KeyPair {
  const sealed = passphrase === undefined ? {} : { passphrase, cipher: 'aes256-ctr', rounds: 4 };
  const bits = type === 'rsa' ? { bits: 2048 } : type === 'ecdsa' ? { bits: 256 as const } : {};
  const pair = ssh2.utils.generateKeyPairSync(type as 'rsa', { ...bits, ...sealed } as never);
  return { privateText: pair.private, publicLine: pair.public.trim() };
}

export const publicBlob = (pair: KeyPair): Buffer =>
  Buffer.from(pair.publicLine.split(' ')[1] ?? '', 'base64');

/** A folder that goes when the test has ended. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-transport-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What a transport does by itself, for tests that come in between. */
export const dialTcp = createTcpDial(createNameCache());

export interface ServerOptions {
  readonly hostKeys?: readonly KeyPair[];
  readonly accepts?: KeyPair;
  /** Called for each login attempt; default accepts by public key. */
  readonly onAuth?: (context: AuthContext, connection: Connection) => void;
  readonly onExec?: (command: string, channel: ServerChannel, connection: Connection) => void;
  readonly banner?: string;
  readonly onConnection?: (connection: Connection) => void;
  readonly algorithms?: Algorithms;
}

export interface TestServer {
  readonly port: number;
  readonly hostKey: KeyPair;
  readonly connections: Connection[];
  /** Authentication methods in the order in which they were tried. */
  readonly tried: string[];
}

export const sharedHostKey = makeKey();
export const sharedUserKey = makeKey();

/** ssh2's real server on loopback, ended with the test. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const hostKeys = options.hostKeys ?? [sharedHostKey];
  const accepts = ssh2.utils.parseKey((options.accepts ?? sharedUserKey).publicLine) as ParsedKey;
  const connections: Connection[] = [];
  const tried: string[] = [];
  const config = {
    hostKeys: hostKeys.map((key) => key.privateText),
    ...(options.banner === undefined ? {} : { banner: options.banner }),
    ...(options.algorithms === undefined ? {} : { algorithms: options.algorithms }),
  };
  const server = new ssh2.Server(config, (connection) => {
    connections.push(connection);
    options.onConnection?.(connection);
    connection.on('error', () => {});
    connection.on('authentication', (context) => {
      tried.push(context.method);
      (options.onAuth ?? ((each) => acceptKey(each, accepts)))(context, connection);
    });
    connection.on('session', (accept) =>
      accept().on('exec', (acceptExec, _reject, { command }) =>
        options.onExec?.(command, acceptExec(), connection),
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const connection of connections) connection.end();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, hostKey: hostKeys[0] ?? sharedHostKey, connections, tried };
}

function acceptKey(context: AuthContext, key: ParsedKey): void {
  if (context.method !== 'publickey') return context.reject(['publickey']);
  if (!context.key.data.equals(key.getPublicSSH())) return context.reject(['publickey']);
  if (context.signature === undefined || context.blob === undefined) return context.accept();
  const good = key.verify(context.blob, context.signature, context.hashAlgo);
  if (good === true) context.accept();
  else context.reject(['publickey']);
}

/** A plain TCP server on loopback. */
export async function startTcp(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets: Socket[] = [];
  const server: NetServer = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

export interface HostOptions extends Partial<SshSettings> {
  /** The host key to record; null records none. */
  readonly record?: KeyPair | null;
  readonly userKey?: KeyPair;
  readonly address?: string;
}

/** A host at a loopback port, with an identity file and a known_hosts of its own. */
export function hostAt(port: number, options: HostOptions = {}): Host {
  const {
    record = sharedHostKey,
    userKey = sharedUserKey,
    address = '127.0.0.1',
    ...ssh
  } = options;
  const folder = temporaryFolder();
  const identity = join(folder, 'id');
  const known = join(folder, 'known_hosts');
  writeFileSync(identity, userKey.privateText, { mode: 0o600 });
  if (record !== null) writeFileSync(known, `[${address}]:${port} ${record.publicLine}\n`);
  return {
    name: asHostName('web1'),
    address,
    labels: {},
    vars: {},
    groups: [],
    ssh: {
      user: 'deploy',
      port,
      identityFiles: [identity],
      agent: null,
      identitiesOnly: false,
      passphrase: null,
      knownHosts: [known],
      hostKeys: 'strict',
      hostKeyAlias: null,
      jump: null,
      transport: 'ssh2',
      connectTimeoutMs: 5000,
      keepaliveMs: 15_000,
      ...ssh,
    },
  };
}

/** A transport that is closed with the test. */
export function transportFor(options: Partial<Ssh2TransportOptions> = {}) {
  const transport = createSsh2Transport({
    secret: () => Promise.reject(new Error('no secrets in this test')),
    ...options,
  });
  onTestFinished(() => transport.close());
  return transport;
}

/** Connects, or fails the test with what was in the way. */
export async function connected(host: Host, options: Partial<Ssh2TransportOptions> = {}) {
  const outcome = await transportFor(options).connect(host);
  if (outcome.kind === 'failed') throw new Error(JSON.stringify(outcome.failure));
  return outcome.connection;
}

/** Fails to connect, and says why. */
export async function refused(host: Host, options: Partial<Ssh2TransportOptions> = {}) {
  const outcome = await transportFor(options).connect(host);
  if (outcome.kind === 'connected') throw new Error('connected');
  return outcome.failure;
}

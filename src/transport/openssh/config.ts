import type { Endpoint, SshSettings } from '../../model/hosts/host.js';
import { isRecording } from '../known-hosts/record.js';
import type { Option } from './options.js';

export interface OpensshConfigOptions {
  readonly host: Endpoint;
  /** The master's control socket; the master makes it. */
  readonly socket: string;
  /** The control socket of the jump host's master, if there is a jump host. */
  readonly jumpSocket: string | null;
  /** Options that always apply, whatever those files say. */
  readonly always: readonly Option[];
  /** Files read after fleet's own if the inventory names no file; the first value of each option wins. */
  readonly includes: readonly string[];
}

interface OpensshConfig {
  readonly text: string;
  /** What to call the host on the command line. */
  readonly name: string;
}

/**
 * The ssh_config of one connection. All settings are in it: the command line does not reach jump hosts, cannot
 * hold every path, and is readable by every user. Throws a RangeError for a value that ssh_config cannot hold.
 */
export function opensshConfig(options: OpensshConfigOptions): OpensshConfig {
  const { host, socket, jumpSocket, always, includes } = options;
  const name = nameOf(host, 'fleet-host');
  const { jump } = host.ssh;
  const jumpName = jump === null ? null : jumpNameOf(jump, name);
  const blocks = [
    block(name, [
      ...endpoint(host),
      ['ProxyJump', jumpName],
      ['ControlMaster', 'yes'],
      ['ControlPath', value(socket)],
      // Its output tells how far the connection got.
      ['LogLevel', 'DEBUG1'],
    ]),
    ...(jump === null || jumpName === null ? [] : [jumpBlock(jump, jumpName, jumpSocket)]),
    block('*', [
      ...always,
      ...includesOf(host, includes).map((path): Option => ['Include', value(path)]),
    ]),
  ];
  return { text: blocks.join(''), name };
}

/** A hop goes through its own master, which has verified it. There is no other route. */
function jumpBlock(jump: Endpoint, name: string, socket: string | null): string {
  return block(name, [
    ...endpoint(jump),
    ['ProxyCommand', 'false'],
    ['ControlMaster', 'no'],
    ['ControlPath', socket === null ? 'none' : value(socket)],
    ['LogLevel', 'ERROR'],
  ]);
}

function includesOf({ ssh }: Endpoint, standard: readonly string[]): readonly string[] {
  if (ssh.configFile === undefined) return standard;
  return ssh.configFile === 'none' ? [] : [ssh.configFile];
}

function endpoint(host: Endpoint): Option[] {
  const settings = Object.values(SETTINGS).flatMap((optionsOf) => optionsOf(host));
  return [['HostName', value(host.address)], ...settings];
}

const files = (paths: readonly string[]): string =>
  paths.length === 0 ? NOTHING : paths.map(value).join(' ');

/** What ssh is told for each setting of a host. */
const SETTINGS: { readonly [Field in keyof SshSettings]-?: (host: Endpoint) => readonly Option[] } =
  {
    user: ({ ssh }) => [['User', value(ssh.user)]],
    port: ({ ssh }) => [['Port', ssh.port]],
    identityFiles: ({ ssh }) => ssh.identityFiles.map((file) => ['IdentityFile', value(file)]),
    agent: ({ ssh }) => [['IdentityAgent', ssh.agent === null ? 'none' : value(ssh.agent)]],
    identitiesOnly: ({ ssh }) => [['IdentitiesOnly', ssh.identitiesOnly ? 'yes' : 'no']],
    // ssh has no option for it: such keys have to be in the agent.
    passphrase: () => [],
    knownHosts: ({ ssh }) => [
      ['UserKnownHostsFile', files(ssh.knownHosts)],
      ['GlobalKnownHostsFile', NOTHING],
    ],
    hostKeys: (host) => [['StrictHostKeyChecking', isRecording(host) ? 'accept-new' : 'yes']],
    revokedHostKeys: ({ ssh: { revokedHostKeys: file } }) =>
      file === undefined ? [] : [['RevokedHostKeys', value(file)]],
    hostKeyAlias: ({ ssh }) => [['HostKeyAlias', ssh.hostKeyAlias]],
    // A jump host has a block of its own.
    jump: () => [],
    // This one is `openssh` wherever such a file is written.
    transport: () => [],
    // Ours runs out first; this one is for a client that fleet no longer watches.
    connectTimeoutMs: ({ ssh }) => [['ConnectTimeout', seconds(ssh.connectTimeoutMs) + 1]],
    keepaliveMs: ({ ssh }) => [['ServerAliveInterval', seconds(ssh.keepaliveMs)]],
    keepaliveCount: ({ ssh }) => [['ServerAliveCountMax', ssh.keepaliveCount ?? KEEPALIVE_MISSES]],
    // It is included at the end, so that it outranks nothing of this.
    configFile: () => [],
  };

const seconds = (ms: number): number => Math.ceil(ms / 1000);

function block(name: string, options: readonly Option[]): string {
  const lines = options.flatMap(([key, text]) => (text === null ? [] : [`  ${key} ${text}\n`]));
  return `Host ${name}\n${lines.join('')}`;
}

/** A name that the user's own `Host` lines may match; else a made-up one. */
function nameOf({ name, address }: Endpoint, standIn: string): string {
  return [name, address].find((each) => PLAIN_NAME.test(each)) ?? standIn;
}

function jumpNameOf(jump: Endpoint, hostName: string): string {
  const name = nameOf(jump, 'fleet-jump');
  return name === hostName ? 'fleet-jump' : name;
}

/** ssh expands `%` and `${}` in many values, and has no escape for quotes. */
function value(text: string): string {
  if (/["\\\p{Cc}]|\$\{/u.test(text)) throw new RangeError(`ssh_config cannot hold ${text}`);
  return `"${text.replaceAll('%', '%%')}"`;
}

const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

const NOTHING = '/dev/null';

/** As for ssh2: a dead connection is noticed after three intervals. */
const KEEPALIVE_MISSES = 2;

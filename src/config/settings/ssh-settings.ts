import * as z from 'zod';
import type { SshSettings } from '../../model/hosts/host.js';
import { localPath } from '../paths/local-path.js';
import {
  choice,
  duration,
  durationFrom,
  line,
  oneOrMore,
  port,
  text,
  whole,
} from '../schema/words.js';
import { hopsOf, JUMP, jumpText } from './jump.js';
import type { SettingValue } from './setting.js';
import { MALFORMED, type SshSetting, type SshWords, setting } from './ssh-setting.js';
import { sshTimeMs } from './ssh-time.js';

const userName = text(/^[A-Za-z_][A-Za-z0-9_.@-]*\$?$/, 'the name of a login user');
const path = line('a path');
const paths = oneOrMore(path, 'a path, or a list of paths');
const yesOrNo = z.boolean({ error: 'true or false' });
const WAY = '[USER@]HOST[:PORT], several separated by commas, or none';
const way = oneOrMore(
  text(JUMP, WAY).refine(hasPorts, { error: 'a port is a whole number from 1 to 65535' }),
  `${WAY}; or a list`,
);

const same = <Value>(value: Value): Value => value;
const orNull = <Value>(value: Value | undefined): Value | null => value ?? null;
const orUndefined = <Value>(value: Value | null): Value | undefined => value ?? undefined;

/** Every setting of `ssh:`, once. What is asked of each is in {@link SshSetting}. */
export const SSH_SETTINGS = {
  user: setting({
    schema: userName,
    read: same,
    byDefault: ({ localUser }) => localUser,
    sshConfig: { keywords: ['User'], read: ({ first }) => first },
    ansible: ['ansible_user', 'ansible_ssh_user'],
    field: 'user',
    resolve: same,
    show: same,
    words: ['your own login name', 'the login user'],
  }),
  port: setting({
    schema: port,
    read: same,
    byDefault: (): number => 22,
    sshConfig: { keywords: ['Port'], read: ({ first }) => portOf(first) },
    ansible: ['ansible_port', 'ansible_ssh_port'],
    field: 'port',
    resolve: same,
    show: same,
    words: ['`22`', 'the port of its SSH server'],
  }),
  jump: setting({
    schema: way,
    read: (hops) => [hops].flat().join(','),
    byDefault: (): string | null => null,
    sshConfig: {
      keywords: ['ProxyJump'],
      read: ({ first, expand }) => (/^none$/i.test(first) ? undefined : expand(first)),
    },
    field: 'jump',
    resolve: (_, { jump }) => jump,
    show: jumpText,
    words: ['`none`', '`[USER@]HOST[:PORT]` to connect through, see below'],
  }),
  identity_file: setting({
    schema: paths,
    read: (files, base) => [files].flat().map((file) => localPath(file, base)),
    byDefault: ({ identityFiles }) => identityFiles,
    sshConfig: {
      keywords: ['IdentityFile'],
      read: (words) => words.paths(words.all.filter((file) => file !== 'none')),
    },
    ansible: ['ansible_private_key_file', 'ansible_ssh_private_key_file'],
    field: 'identityFiles',
    resolve: same,
    show: same,
    words: ['`id_ed25519`, `id_ecdsa`, `id_rsa` in `~/.ssh`', 'a private key, or a list'],
  }),
  passphrase: setting({
    schema: text(/^(env|file):\S.*$/, 'env:NAME or file:PATH'),
    read: same,
    byDefault: (): string | null => null,
    field: 'passphrase',
    resolve: same,
    // Where it is kept, not what it is.
    show: same,
    words: ['', 'of the identity files: `env:NAME` or `file:PATH`'],
  }),
  agent: setting({
    schema: z.union([z.boolean(), path], { error: 'true, false, or the path of a socket' }),
    read: (agent, base) => (typeof agent === 'string' ? localPath(agent, base) : agent),
    byDefault: (): string | boolean => true,
    sshConfig: { keywords: ['IdentityAgent'], read: agentOf },
    field: 'agent',
    resolve: (agent, { agentSocket }) =>
      typeof agent === 'string' ? agent : agent ? agentSocket : null,
    show: same,
    words: ['`true`', '`true` asks `$SSH_AUTH_SOCK`, `false` none, or the path of a socket'],
  }),
  identities_only: setting({
    schema: yesOrNo,
    read: same,
    byDefault: (): boolean => false,
    sshConfig: {
      keywords: ['IdentitiesOnly'],
      read: ({ first }) => /^(yes|true)$/i.test(first),
    },
    field: 'identitiesOnly',
    resolve: same,
    show: same,
    words: ['`false`', 'offers only those keys of the agent that are in the identity files'],
  }),
  known_hosts: setting({
    schema: paths,
    read: (files, base) => [files].flat().map((file) => localPath(file, base)),
    byDefault: ({ knownHosts: { user, global } }) => [...user, ...global],
    sshConfig: {
      keywords: ['UserKnownHostsFile', 'GlobalKnownHostsFile'],
      note: 'those of the first, then those of the second',
      read: ({ files, knownHosts }) => [
        ...new Set([
          ...(files('UserKnownHostsFile') ?? knownHosts.user),
          ...(files('GlobalKnownHostsFile') ?? knownHosts.global),
        ]),
      ],
    },
    field: 'knownHosts',
    resolve: same,
    show: same,
    words: ['`~/.ssh/known_hosts` and `/etc/ssh/ssh_known_hosts`', 'a file, or a list'],
  }),
  host_keys: setting({
    schema: choice('strict', 'accept-new'),
    read: same,
    byDefault: (): SshSettings['hostKeys'] => 'strict',
    sshConfig: {
      keywords: ['StrictHostKeyChecking'],
      note: '`accept-new` as such, `yes` and `ask` as `strict`',
      read: ({ first }) => hostKeysOf(first),
    },
    field: 'hostKeys',
    resolve: same,
    show: same,
    words: ['`strict`', '`strict` refuses unknown hosts, `accept-new` records them once'],
  }),
  revoked_host_keys: setting({
    schema: path,
    read: (file, base) => localPath(file, base),
    byDefault: (): string | null => null,
    sshConfig: {
      keywords: ['RevokedHostKeys'],
      note: 'public keys, one a line, or a list made by `ssh-keygen -k`',
      read: (words) => (words.first === 'none' ? undefined : words.paths([words.all.join(' ')])[0]),
    },
    field: 'revokedHostKeys',
    resolve: orUndefined,
    show: orNull,
    words: ['', 'a file of host keys that are accepted from no host'],
  }),
  host_key_alias: setting({
    schema: text(/^[A-Za-z0-9._:-]+$/, 'the name under which a host key is recorded'),
    read: same,
    byDefault: (): string | null => null,
    sshConfig: { keywords: ['HostKeyAlias'], read: ({ first }) => first },
    field: 'hostKeyAlias',
    resolve: same,
    show: same,
    words: ['', 'the name under which the host key is recorded, instead of the address'],
  }),
  transport: setting({
    schema: choice('ssh2', 'openssh'),
    read: same,
    byDefault: (): SshSettings['transport'] => 'ssh2',
    field: 'transport',
    resolve: same,
    show: same,
    words: ['`ssh2`', "`ssh2`, or [`openssh`](openssh.md) for the system's own client"],
  }),
  connect_timeout: setting({
    schema: duration,
    read: durationFrom,
    byDefault: (): number => 15_000,
    sshConfig: { keywords: ['ConnectTimeout'], note: '0 is ignored', read: timeOf },
    field: 'connectTimeoutMs',
    resolve: same,
    show: same,
    words: ['`15s`', 'from the start of a connection until the login is done'],
  }),
  keepalive: setting({
    schema: duration,
    read: durationFrom,
    byDefault: (): number => 15_000,
    sshConfig: { keywords: ['ServerAliveInterval'], note: '0 is ignored', read: timeOf },
    field: 'keepaliveMs',
    resolve: same,
    show: same,
    words: ['`15s`', 'between keep-alive messages of an idle connection'],
  }),
  keepalive_count: setting({
    schema: whole(1, 1000),
    read: same,
    byDefault: (): number | null => null,
    sshConfig: { keywords: ['ServerAliveCountMax'], note: '0 is ignored', read: countOf },
    field: 'keepaliveCount',
    resolve: orUndefined,
    show: (count) => count ?? 3,
    words: ['`3`', 'keep-alive messages that may stay unanswered in a row'],
  }),
  config_file: setting({
    schema: line('a path, or none'),
    read: (file, base) => (file === 'none' ? file : localPath(file, base)),
    byDefault: (): string | null => null,
    field: 'configFile',
    resolve: orUndefined,
    show: orNull,
    words: [
      '`~/.ssh/config` and `/etc/ssh/ssh_config`',
      'the ssh_config below the inventory, see below; `none` reads no file',
    ],
  }),
};

export type SshKey = keyof typeof SSH_SETTINGS;

type Row = SshSetting<z.ZodType, SettingValue, keyof SshSettings>;

/** The same as a list, for what is done to every setting. */
export const SSH_ROWS: readonly (readonly [key: string, row: Row])[] =
  Object.entries<Row>(SSH_SETTINGS);

/** The fields of a host that rows fill. */
export type SshFields = {
  readonly [Key in SshKey as (typeof SSH_SETTINGS)[Key]['field']]: SshSettings[(typeof SSH_SETTINGS)[Key]['field']];
};

function hasPorts(hops: string): boolean {
  return hopsOf(hops).every(({ port }) => port === null || (port > 0 && port <= 65_535));
}

function portOf(written: string): number | typeof MALFORMED {
  const number = /^\d{1,5}$/.test(written) ? Number(written) : 0;
  return number > 0 && number <= 65_535 ? number : MALFORMED;
}

/** `0` and `none` are ignored: fleet always keeps a timeout and keep-alive. */
function timeOf({ first }: SshWords): number | undefined {
  return sshTimeMs(first) ?? undefined;
}

function countOf({ first }: SshWords): number | undefined {
  return /^\d{1,4}$/.test(first) && Number(first) > 0 ? Number(first) : undefined;
}

/** `no` and `off` are ignored: no file makes fleet accept any host key. */
function hostKeysOf(written: string): SshSettings['hostKeys'] | undefined {
  switch (written.toLowerCase()) {
    case 'accept-new':
      return 'accept-new';
    case 'yes':
    case 'true':
    case 'ask':
      return 'strict';
    default:
      return undefined;
  }
}

function agentOf({ first, env, paths }: SshWords): string | boolean {
  if (first === 'none') return false;
  if (first === 'SSH_AUTH_SOCK') return true;
  const variable = /^\$(\w+)$/.exec(first)?.[1];
  const socket = variable === undefined ? first : env[variable];
  return socket === undefined ? false : (paths([socket])[0] ?? false);
}

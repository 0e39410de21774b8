import { isIPv6 } from 'node:net';
import type { z } from 'zod';
import type { Problem } from '../../errors/fleet-error.js';
import { address, hostNameProblem } from '../inventory/read/schema.js';
import { type LocalBase, localPath } from '../paths/local-path.js';
import { JUMP } from '../settings/jump.js';
import { JUMP_KEYS, type Setting, type SettingValue } from '../settings/setting.js';
import { SSH_SETTINGS } from '../settings/ssh-settings.js';
import { type Place, problemIn } from '../yaml/place.js';
import { readSshArgs, type SshArgs } from './ssh-args.js';
import { workOut } from './template.js';
import type { Held, HeldVariables } from './variables.js';

/** A setting, and whether the host itself has a part in it. */
export interface RankedSetting extends Setting {
  readonly rank: Held['rank'];
}

/** How a host is reached, by its variables. */
export interface Connection {
  readonly settings: ReadonlyMap<string, RankedSetting>;
  /** Values that can never be right. */
  readonly problems: readonly Problem[];
  /** Why fleet cannot reach it: these matter where the host is selected. */
  readonly objections: readonly Problem[];
  /** Names of variables that only Ansible itself can work out. */
  readonly open: readonly string[];
}

export interface ConnectionHost {
  readonly name: string;
  readonly place: Place;
  readonly vars: HeldVariables;
}

/** As in the ssh plugin of Ansible: of several names for one thing the last that is set counts. */
const ADDRESS = ['ansible_host', 'ansible_ssh_host'];
const PORT = SSH_SETTINGS.port.ansible ?? [];
const USER = SSH_SETTINGS.user.ansible ?? [];
const KEY = SSH_SETTINGS.identity_file.ansible ?? [];
const SSH_ARGS = ['ansible_ssh_args'];
const COMMON_ARGS = ['ansible_ssh_common_args', 'ssh_common_args'];
const EXTRA_ARGS = ['ansible_ssh_extra_args'];

/** Everything that decides how a host is reached. */
export const CONNECTION_VARIABLES: readonly string[] = [
  'ansible_connection',
  'ansible_ssh_executable',
  'ansible_paramiko_proxy_command',
  'ansible_libssh_proxy_command',
  ...[ADDRESS, PORT, USER, KEY, SSH_ARGS, COMMON_ARGS, EXTRA_ARGS].flat(),
];

const REMOTE =
  /^(?:ansible\.(?:builtin|legacy|netcommon)\.)?(?:ssh|smart|paramiko|paramiko_ssh|libssh)$/;

interface Reading {
  readonly host: ConnectionHost;
  readonly base: LocalBase;
  readonly settings: Map<string, RankedSetting>;
  readonly problems: Problem[];
  readonly objections: Problem[];
  readonly open: Set<string>;
}

/** Relative paths start at the working directory, where Ansible and ssh look for them too. */
export function connectionOf(host: ConnectionHost, base: LocalBase): Connection {
  const reading: Reading = {
    host,
    base,
    settings: new Map(),
    problems: [],
    objections: [],
    open: new Set(),
  };
  if (isForeign(reading)) return finished({ ...reading, problems: [] });
  // In the order of ssh's command line, where the first value of an option counts.
  addArgs(reading, SSH_ARGS);
  addNumber(reading);
  addKey(reading);
  addUser(reading);
  addArgs(reading, COMMON_ARGS);
  addArgs(reading, EXTRA_ARGS);
  addAddress(reading);
  return finished(reading);
}

const finished = ({ settings, problems, objections, open }: Reading): Connection => ({
  settings,
  problems,
  objections,
  open: [...open],
});

interface Said {
  readonly name: string;
  readonly text: string;
  readonly place: Place;
  readonly rank: Held['rank'];
}

/** The value of the last of these variables that is set; null where none is set, or it is not known. */
function said(reading: Reading, names: readonly string[]): Said | null {
  const { vars } = reading.host;
  const name = names.findLast((each) => isSet(vars.get(each)));
  const held = name === undefined ? undefined : vars.get(name);
  if (name === undefined || held === undefined) return null;
  const { place } = held.variable;
  const found = workOut(held.variable, reading.host);
  if (found.kind === 'text') {
    return found.text === '' ? null : { name, text: found.text, place, rank: held.rank };
  }
  if (held.variable.form !== 'structure') reading.open.add(name);
  object(reading, place, `${name} of ${reading.host.name} ${found.reason}`);
  return null;
}

const isSet = (held: Held | undefined): boolean =>
  held !== undefined && (held.variable.value !== null || held.variable.form !== 'plain');

function object(reading: Reading, place: Place, message: string, hint?: string): void {
  const leaveOut = `set it for fleet, or leave the host out: -l '!${reading.host.name}'`;
  reading.objections.push(problemIn(place, { message, hint: hint ?? leaveOut }));
}

function isForeign(reading: Reading): boolean {
  const { name } = reading.host;
  const before = reading.objections.length;
  const connection = said(reading, ['ansible_connection']);
  if (connection !== null && !REMOTE.test(connection.text)) {
    const message = `${name} is not reached by SSH: ansible_connection is ${connection.text}`;
    object(reading, connection.place, message, `leave the host out: -l '!${name}'`);
  }
  const program = said(reading, ['ansible_ssh_executable']);
  if (program !== null && !/(?:^|\/)ssh$/.test(program.text)) {
    const message = `${name} is reached by another program than ssh: ${program.text}`;
    object(reading, program.place, message);
  }
  const proxy = /(paramiko|libssh)/.exec(connection?.text ?? '')?.[1];
  const command = proxy === undefined ? null : said(reading, [`ansible_${proxy}_proxy_command`]);
  if (command !== null) objectToCommand(reading, command, `ProxyCommand ${command.text}`);
  return reading.objections.length > before;
}

function objectToCommand(reading: Reading, { name, place }: Said, reason: string): void {
  const { name: host } = reading.host;
  const message = `${name} of ${host} asks for a connection that fleet cannot make: ${reason}`;
  const hint =
    'write it as -J [USER@]HOST[:PORT], or put the ProxyCommand into ssh_config and set transport: openssh';
  object(reading, place, message, hint);
}

function set(reading: Reading, key: string, value: SettingValue, from: Omit<Said, 'text'>): void {
  if (reading.settings.has(key)) return;
  reading.settings.set(key, { value, place: from.place, rank: from.rank });
}

function addArgs(reading: Reading, names: readonly string[]): void {
  const from = said(reading, names);
  if (from === null) return;
  const read = readSshArgs(from.text);
  if (read.kind === 'unclear') return objectToCommand(reading, from, read.reason);
  const { args } = read;
  addWay(reading, from, args);
  if (args.port !== undefined) addChecked(reading, 'ssh.port', { ...from, text: args.port });
  if (args.user !== undefined) addChecked(reading, 'ssh.user', { ...from, text: args.user });
  if (args.address !== undefined) addChecked(reading, 'address', { ...from, text: args.address });
  if (args.hostKeyAlias !== undefined) set(reading, 'ssh.host_key_alias', args.hostKeyAlias, from);
  if (args.configFile !== undefined) {
    const file = args.configFile === 'none' ? 'none' : localPath(args.configFile, reading.base);
    set(reading, 'ssh.config_file', file, from);
  }
  addIdentities(reading, args.identityFiles, from);
}

function addWay(reading: Reading, from: Said, { jump, jumpKeys = [] }: SshArgs): void {
  if (jump === undefined) return;
  if (JUMP.test(jump)) {
    set(reading, 'ssh.jump', jump, from);
    set(
      reading,
      JUMP_KEYS,
      jumpKeys.map((key) => localPath(key, reading.base)),
      from,
    );
  } else objectToCommand(reading, from, `${jump} is no [USER@]HOST[:PORT]`);
}

/** ssh tries all keys that it is given, in their order. */
function addIdentities(reading: Reading, files: readonly string[], from: Omit<Said, 'text'>): void {
  if (files.length === 0) return;
  const before = reading.settings.get('ssh.identity_file');
  const paths = files.map((file) => localPath(file, reading.base));
  const value = [...(Array.isArray(before?.value) ? before.value : []), ...paths];
  const rank = before?.rank === 'host' ? 'host' : from.rank;
  const place = before?.place ?? from.place;
  reading.settings.set('ssh.identity_file', { value, place, rank });
}

function addNumber(reading: Reading): void {
  const from = said(reading, PORT);
  if (from !== null) addChecked(reading, 'ssh.port', from);
}

function addKey(reading: Reading): void {
  const from = said(reading, KEY);
  if (from !== null) addIdentities(reading, [from.text], from);
}

function addUser(reading: Reading): void {
  const from = said(reading, USER);
  if (from !== null) addChecked(reading, 'ssh.user', from);
}

/** `USER@HOST` is what ssh itself takes apart; `[ADDRESS]` too. */
function addAddress(reading: Reading): void {
  const { name, place } = reading.host;
  const isWritten = ADDRESS.some((each) => isSet(reading.host.vars.get(each)));
  const from = said(reading, ADDRESS);
  if (isWritten && from === null) return;
  const text = from?.text ?? name;
  const at = text.lastIndexOf('@');
  const rank = from?.rank ?? 'host';
  if (at > 0) {
    addChecked(reading, 'ssh.user', { name: 'the user', text: text.slice(0, at), place, rank });
  }
  const host = text.slice(at + 1).replace(/^\[(.*)\]$/, '$1');
  if (from !== null) return addChecked(reading, 'address', { ...from, text: host });
  const problem = hostNameProblem(host);
  if (problem !== null) reading.problems.push(problemIn(place, { message: problem }));
  else if (host !== name) set(reading, 'address', host, { name, place, rank });
}

const SCHEMAS: Readonly<Record<string, z.ZodType<string | number>>> = {
  address,
  'ssh.port': SSH_SETTINGS.port.schema,
  'ssh.user': SSH_SETTINGS.user.schema,
};

function addChecked(reading: Reading, key: string, from: Said): void {
  const { name, text, place } = from;
  const value = key === 'ssh.port' && /^\s*\d+\s*$/.test(text) ? Number(text) : text;
  const parsed = SCHEMAS[key]?.safeParse(value);
  if (parsed?.success === true) return set(reading, key, parsed.data, from);
  const hint =
    key === 'address' && /^[^:]+:\d+$/.test(text) && !isIPv6(text)
      ? 'a port is set by ansible_port'
      : undefined;
  const wanted = parsed?.error.issues[0]?.message;
  reading.problems.push(
    problemIn(place, { message: `${name} must be ${wanted}, not ${text}`, hint }),
  );
}

import type { HostFailure } from '../../errors/host-failure.js';
import { printableLine } from '../../errors/printable.js';
import type { Endpoint } from '../../model/hosts/host.js';
import type { Mismatch } from '../algorithms/server-weakness.js';
import type { Offer } from '../keys/credentials.js';

/** How far a connection got. Decides what its end means, and if it may be tried again. */
export type ConnectStage = 'dialling' | 'greeting' | 'key exchange' | 'authentication';

/** What the server said about authentication before it ended. */
export interface AuthenticationState {
  /** Methods that the server still accepts; null before its first answer. */
  readonly methodsLeft: readonly string[] | null;
  /** True once every method of the offer was refused. */
  readonly exhausted: boolean;
  /** True once the server accepted a key and needs something in addition. */
  readonly partial: boolean;
}

export function dialFailure(host: Endpoint, error: unknown): HostFailure {
  const { code, message } = describeError(error);
  const place = placeOf(host);
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        code: 'unreachable',
        message: `the name ${host.address} does not resolve`,
        hint: 'Check the spelling in the inventory, or set `address`.',
      };
    case 'ECONNREFUSED':
      return {
        code: 'unreachable',
        message: `${place} refuses connections`,
        hint: 'Is sshd running there, and on this port?',
      };
    case 'EMFILE':
    case 'ENFILE':
      return {
        code: 'unreachable',
        message: `${place} cannot be dialled: this machine has no free file descriptor`,
        hint: 'Raise the limit with `ulimit -n 65536`, or select fewer hosts.',
      };
    default:
      return {
        code: 'unreachable',
        message: `${place} cannot be reached: ${message}`,
        hint: 'Is the host up, and the network and firewall open between here and there?',
      };
  }
}

export function timeoutFailure(host: Endpoint, stage: ConnectStage): HostFailure {
  const seconds = host.ssh.connectTimeoutMs / 1000;
  const waited: Record<ConnectStage, string> = {
    dialling: 'did not accept the connection',
    greeting: 'accepted the connection but said nothing',
    'key exchange': 'did not finish the key exchange',
    authentication: 'did not finish the authentication',
  };
  return {
    code: 'connect_timeout',
    message: `${placeOf(host)} ${waited[stage]} within ${seconds} s`,
    hint:
      stage === 'dialling'
        ? 'Is the host up, and the firewall open? `connect_timeout` sets how long to wait.'
        : 'The host may be overloaded; `connect_timeout` sets how long to wait.',
  };
}

/** The name server has not answered, neither with an address nor with an error. */
export function unresolvedFailure({ address, ssh }: Endpoint): HostFailure {
  return {
    code: 'connect_timeout',
    message: `the name ${address} was not resolved within ${ssh.connectTimeoutMs / 1000} s`,
    hint: 'Does the name server of this machine answer? An `address` needs none.',
  };
}

/** The connection ended, with or without an error, before the login. */
export function endFailure(host: Endpoint, stage: ConnectStage, said: string): HostFailure {
  const words = said === '' ? '' : `: ${wordsOf(said)}`;
  return stage === 'authentication'
    ? {
        code: 'connection_lost',
        message: `${placeOf(host)} ended the connection during authentication${words}`,
        hint: `The server may refuse ${host.ssh.user} by AllowUsers, PAM or an expired account; its log says which.`,
      }
    : {
        code: 'unreachable',
        message: `${placeOf(host)} ended the connection before authentication${words}`,
        hint: 'sshd may be over its MaxStartups, or banning this address; its log says which.',
      };
}

export function authFailure(host: Endpoint, offer: Offer, state: AuthenticationState): HostFailure {
  const { methodsLeft, partial } = state;
  if (partial) return secondFactorFailure(host, methodsLeft ?? []);
  const who = `${host.ssh.user}@${placeOf(host)}`;
  const elsewise = methodsLeft !== null && !methodsLeft.includes('publickey');
  const message = elsewise
    ? `${who} does not take keys; the server needs ${wordsOf(methodsLeft.join(', '))}`
    : `${who} refused every key offered`;
  const notes = [
    `Tried ${offer.keys.join(', ')}.`,
    ...offer.leftOut.map((reason) => `Not tried: ${printableLine(reason)}.`),
    `Is one of them in the authorized_keys of ${host.ssh.user} there, and is that the right user?`,
  ];
  return { code: 'auth_failed', message, hint: notes.join(' ') };
}

function secondFactorFailure(host: Endpoint, methodsLeft: readonly string[]): HostFailure {
  const anotherKey = methodsLeft.includes('publickey');
  const wanted = anotherKey ? 'another key' : wordsOf(methodsLeft.join(', '));
  return {
    code: 'auth_failed',
    message: `${host.ssh.user}@${placeOf(host)} accepted the key, but also needs ${wanted}`,
    hint: anotherKey
      ? 'Name both keys under `identity_file`.'
      : `fleet cannot answer a second factor. Let ${host.ssh.user} log in from here by key alone: in sshd_config there, \`AuthenticationMethods publickey\` below a \`Match User ${host.ssh.user} Address …\` of this bastion.`,
  };
}

/** sshd counts every key against MaxAuthTries (default 6). */
export function tooManyKeysFailure(host: Endpoint, { keys }: Offer): HostFailure {
  return {
    code: 'auth_failed',
    message: `${host.ssh.user}@${placeOf(host)} hung up after too many keys; ${keys.length} were to be offered`,
    hint:
      'Name the right key with `identity_file` and set `identities_only: true`, so that the agent offers no other. ' +
      `In turn: ${keys.join(', ')}.`,
  };
}

/** A failure in ssh2's own words: no common algorithm, a bad packet, a bad signature. */
export function protocolFailure(host: Endpoint, stage: ConnectStage, error: Error): HostFailure {
  const said = wordsOf(error.message);
  return {
    code: 'unreachable',
    message: `${placeOf(host)}: the ${stage} failed: ${said}`,
  };
}

/** The server offers no algorithm of one kind that fleet has. */
export function mismatchFailure(host: Endpoint, { kind, offered, openssh }: Mismatch): HostFailure {
  return {
    code: 'no_common_algorithm',
    message: `${placeOf(host)} has no ${kind} in common with fleet; it offers ${someOf(offered)}`,
    hint: openssh
      ? "Set `transport: openssh` for this host: the system's ssh may have what it asks for."
      : 'docs/ssh.md lists what fleet offers; the server should offer one of these as well.',
  };
}

/** One line of a server's or ssh2's message, cut: a server may send 35,000 bytes. */
export function wordsOf(said: string): string {
  const line = printableLine(said);
  return line.length > WORDS_LENGTH ? `${line.slice(0, WORDS_LENGTH)}…` : line;
}

const WORDS_LENGTH = 500;

/** A server may name thousands. */
function someOf(names: readonly string[]): string {
  const some = names.slice(0, NAMED).join(', ');
  return names.length > NAMED ? `${some} and ${names.length - NAMED} more` : some;
}

const NAMED = 30;

export const INTERRUPTED: HostFailure = {
  code: 'interrupted',
  message: 'interrupted before the connection was established',
};

export function placeOf(host: Endpoint): string {
  const name = host.address.includes(':') ? `[${host.address}]` : host.address;
  return `${name}:${host.ssh.port}`;
}

/** Node leaves the message of an AggregateError (several addresses for a name) empty. */
function describeError(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { code, message: error.message || code || error.name };
}

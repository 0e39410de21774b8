import type { HostFailure } from '../../errors/host-failure.js';
import { printableLine } from '../../errors/printable.js';
import type { Endpoint } from '../../model/hosts/host.js';
import {
  authFailure,
  dialFailure,
  endFailure,
  protocolFailure,
  timeoutFailure,
} from '../connect/failure.js';
import { recordHint } from '../known-hosts/record.js';
import type { OpensshAccount } from './log-reader.js';
import { opensshMismatch } from './mismatch.js';

export interface OpensshEnd {
  readonly failure: HostFailure;
  /** The server hung up before authentication, so another try is harmless. */
  readonly again: boolean;
}

/** Why `ssh` ended before the connection was established, by its output. */
export function judgeOpensshEnd(host: Endpoint, account: OpensshAccount): OpensshEnd {
  const text = account.said.join('\n');
  const failure =
    configurationFailure(text) ??
    (account.stage === 'authentication'
      ? loginFailure(host, account, text)
      : (jumpFailure(host, text) ?? earlyFailure(host, account, text)));
  if (failure !== null) return { failure, again: false };
  const last = account.said.findLast((line) => !/Connection (?:closed|reset) by/.test(line)) ?? '';
  return {
    failure: endFailure(host, account.stage, withoutOrigin(last)),
    again: account.stage !== 'authentication',
  };
}

/** The host key could not be recorded; ssh itself goes on. */
export function isUnrecorded({ said }: OpensshAccount): boolean {
  return said.some((line) => line.startsWith('Failed to add the host to the list of known hosts'));
}

export function unrecordedFailure(host: Endpoint): HostFailure {
  return {
    code: 'host_key_unknown',
    message: `the host key of ${placeOf(host)} is new and could not be recorded in ${host.ssh.knownHosts[0]}`,
    hint: 'Set `known_hosts` to a file that can be written.',
  };
}

function configurationFailure(text: string): HostFailure | null {
  const found =
    /^(.*(?:Bad configuration option|bad configuration options|Bad owner or).*)$/im.exec(text);
  if (found === null) return null;
  return {
    code: 'config_invalid',
    message: `ssh does not take its configuration: ${printableLine(found[1] ?? '')}`,
    hint: 'It read ~/.ssh/config and /etc/ssh/ssh_config too; see `ssh -G HOST`.',
  };
}

function jumpFailure(host: Endpoint, text: string): HostFailure | null {
  const { jump } = host.ssh;
  if (jump === null || !/stdio forwarding|[sS]ession open refused/.test(text)) return null;
  return {
    code: 'unreachable',
    message: `jump host ${jump.name} does not forward to ${placeOf(host)}`,
    hint: 'Does its sshd allow that (AllowTcpForwarding, PermitOpen), and can it reach the host?',
  };
}

function earlyFailure(host: Endpoint, account: OpensshAccount, text: string): HostFailure | null {
  const hostKey = hostKeyFailure(host, account, text);
  if (hostKey !== null) return hostKey;
  if (/Could not resolve hostname/.test(text)) return dialFailure(host, coded('ENOTFOUND', ''));
  if (/timed out|Timeout/.test(text)) return timeoutFailure(host, account.stage);
  const [, dial] = /^ssh: connect to host .*: (.*)$/m.exec(text) ?? [];
  if (dial === 'Connection refused') return dialFailure(host, coded('ECONNREFUSED', dial));
  if (dial !== undefined) return dialFailure(host, coded('', dial));
  const mismatch = opensshMismatch(host, text);
  if (mismatch !== null) return mismatch;
  const [disagreement] = /^(?:Unable to negotiate|ssh_dispatch_run_fatal).*$/m.exec(text) ?? [];
  if (disagreement === undefined) return null;
  return protocolFailure(host, account.stage, new Error(disagreement));
}

function hostKeyFailure(host: Endpoint, account: OpensshAccount, text: string): HostFailure | null {
  const presents = account.hostKey === null ? '' : `; it presents ${account.hostKey}`;
  const [, byFile] = /^Host key .* revoked by file (.*)$/m.exec(text) ?? [];
  if (byFile !== undefined || /REVOKED HOST KEY DETECTED|was revoked/.test(text)) {
    const by = byFile === undefined ? 'is marked @revoked' : `is revoked by ${byFile}`;
    return {
      code: 'host_key_revoked',
      message: printableLine(`the host key of ${placeOf(host)} ${by}${presents}`),
      hint: 'Do not log in there until the host has a new key.',
    };
  }
  const [, offending = 'known_hosts'] = /^Offending \S+ key in (.*)$/m.exec(text) ?? [];
  if (/IDENTIFICATION HAS CHANGED|has changed and you have/.test(text)) {
    const [, remedy] = /^ {2}(ssh-keygen -f .*)$/m.exec(text) ?? [];
    return {
      code: 'host_key_changed',
      message: `the host key of ${placeOf(host)} is not the one recorded at ${offending}${presents}`,
      hint: `Someone may be listening in. If the host was reinstalled, remove the old key${remedy === undefined ? '' : ` with \`${remedy}\``} and record the new one.`,
    };
  }
  if (!/host key is known for|Host key verification failed/.test(text)) return null;
  const [certificate] = /^Certificate invalid.*$/m.exec(text) ?? [];
  return {
    code: 'host_key_unknown',
    message: `no host key of ${placeOf(host)} is recorded${presents}${certificate === undefined ? '' : ` (${certificate})`}`,
    hint: recordHint(host),
  };
}

function loginFailure(host: Endpoint, account: OpensshAccount, text: string): HostFailure | null {
  const denied = /Permission denied \(([^)]*)\)/.exec(text);
  const tooMany = /Too many authentication failures/.test(text);
  if (denied === null && !tooMany) return null;
  const leftOut = account.said.filter((line) =>
    /^(no such identity|Load key|sign_and_send_pubkey|.*UNPROTECTED)/.test(line),
  );
  const who = `${host.ssh.user}@${placeOf(host)}`;
  // Without a terminal ssh skips a key that needs a passphrase.
  if (account.accepted !== null && !tooMany && !account.partial) {
    return {
      code: 'identity_unusable',
      message: printableLine(
        [`${who} accepts ${account.accepted}, but ssh cannot use it`, ...leftOut].join(': '),
      ),
      hint: 'A key with a passphrase works through an agent only: `ssh-add` it first.',
    };
  }
  if (account.offered.length === 0) {
    const why = leftOut.length === 0 ? 'none was found' : leftOut.join('; ');
    return {
      code: 'identity_unusable',
      message: printableLine(`no key can be offered to ${who}: ${why}`),
      hint: `The server takes ${printableLine(denied?.[1] ?? '')}. Set \`identity_file\` under \`ssh:\`, or start an agent and \`ssh-add\` a key.`,
    };
  }
  const offer = { methods: [], own: [], keys: account.offered.map(printableLine), leftOut };
  const methodsLeft = denied?.[1]?.split(',') ?? null;
  return authFailure(host, offer, { methodsLeft, exhausted: true, partial: account.partial });
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** Without ssh's internal function name. */
function withoutOrigin(line: string): string {
  return line.replace(/^(?:kex_exchange_identification|client_loop|ssh): /, '');
}

function placeOf({ address, ssh }: Endpoint): string {
  return `${address.includes(':') ? `[${address}]` : address}:${ssh.port}`;
}

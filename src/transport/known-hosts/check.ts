import { createHash } from 'node:crypto';
import type { HostFailure } from '../../errors/host-failure.js';
import { reasonOf } from '../../errors/reason.js';
import type { Endpoint } from '../../model/hosts/host.js';
import { HOST_KEYS, type HostKeyAlgorithm } from '../algorithms/algorithms.js';
import { type HostKeyVerdict, type KnownHosts, recordedName } from './known-hosts.js';
import { keyTypeOf } from './line.js';
import { isRecording, NO_RECORD_HINT, recordFile } from './record.js';
import type { RevokedKeys } from './revoked-keys.js';
import type { KnownHostsStore } from './store.js';

/** Judges the host key that one host presents. */
export interface HostKeyCheck {
  /** Host key algorithms in the order in which to ask for them. */
  readonly algorithms: readonly HostKeyAlgorithm[];
  /** Null if the key is accepted. After that no other key is accepted. */
  present(key: Buffer): HostFailure | null;
  /**
   * Records a new key if `accept-new` allows it. Call it once the host has proven that the key is its own, and
   * before the login. Null if nothing is left to refuse.
   */
  record(): Promise<HostFailure | null>;
}

/** Where the trusted keys are recorded. */
interface HostKeyFiles {
  readonly known: KnownHosts;
  readonly revoked: RevokedKeys;
  readonly store: KnownHostsStore;
}

/** For one connection attempt; a key accepted in another attempt does not count. */
export function createHostKeyCheck(
  host: Endpoint,
  { known, revoked, store }: HostKeyFiles,
): HostKeyCheck {
  const { ssh } = host;
  const place = recordedPlace(host);
  let accepted: Buffer | null = null;
  let unrecorded: Buffer | null = null;

  return {
    algorithms: orderAlgorithms(known, host),
    present(key) {
      // A server may start a new key exchange at any time; it must stay the same server.
      if (accepted !== null) return accepted.equals(key) ? null : explain(host, key, CHANGED);
      if (revoked.has(key)) return revokedBy(host, key, revoked.file);
      const verdict = known.judge(place.address, place.port, key);
      const isNew = verdict.kind === 'unknown' && isRecording(host);
      if (verdict.kind !== 'known' && !isNew) return explain(host, key, verdict);
      accepted = Buffer.from(key);
      unrecorded = isNew ? accepted : null;
      return null;
    },
    async record() {
      if (unrecorded === null) return null;
      const key = unrecorded;
      try {
        await store.enrol(ssh.knownHosts, { ...place, key });
      } catch (error) {
        return notRecorded(host, error);
      }
      unrecorded = null;
      // Another program may have recorded another key meanwhile.
      const verdict = known.judge(place.address, place.port, key);
      return verdict.kind === 'known' ? null : explain(host, key, verdict);
    },
  };
}

/** The name in known_hosts: the address and port, or the alias whatever the port. */
export function recordedPlace({ address, ssh }: Endpoint): { address: string; port: number } {
  return ssh.hostKeyAlias === null
    ? { address, port: ssh.port }
    : { address: ssh.hostKeyAlias, port: 22 };
}

/** As `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

const CHANGED = { kind: 'changed', recorded: [] } as const;

function orderAlgorithms(known: KnownHosts, host: Endpoint): HostKeyAlgorithm[] {
  const place = recordedPlace(host);
  const types = known.typesFor(place.address, place.port);
  const recorded = HOST_KEYS.filter(({ type }) => types.has(type));
  const others = HOST_KEYS.filter(({ type }) => !types.has(type));
  return [...recorded, ...others].map(({ algorithm }) => algorithm);
}

function explain(
  host: Endpoint,
  key: Buffer,
  verdict: Exclude<HostKeyVerdict, { kind: 'known' }>,
): HostFailure {
  const presented = `${keyTypeOf(key)} ${fingerprint(key)}`;
  const alias = host.ssh.hostKeyAlias;
  const place = `${host.address}:${host.ssh.port}${alias === null ? '' : ` (${alias})`}`;
  switch (verdict.kind) {
    case 'unknown':
      return {
        code: 'host_key_unknown',
        message: `no host key of ${place} is recorded; it presents ${presented}`,
        hint: unknownHint(host),
      };
    case 'changed':
      return {
        code: 'host_key_changed',
        message: `${place} presents ${presented}, which is not the host key recorded${recordedAt(verdict)}`,
        hint: changedHint(host, verdict),
      };
    case 'revoked':
      return {
        code: 'host_key_revoked',
        message: `the host key of ${place}, ${presented}, is marked @revoked at ${verdict.by.file}:${verdict.by.line}`,
        hint: 'Do not log in there until the host has a new key.',
      };
  }
}

function revokedBy(host: Endpoint, key: Buffer, file: string | null): HostFailure {
  const presented = `${keyTypeOf(key)} ${fingerprint(key)}`;
  return {
    code: 'host_key_revoked',
    message: `the host key of ${host.address}:${host.ssh.port}, ${presented}, is revoked by ${file}`,
    hint: 'Do not log in there until the host has a new key.',
  };
}

function unknownHint(host: Endpoint): string {
  const { address, ssh } = host;
  const port = ssh.port === 22 ? '' : `-p ${ssh.port} `;
  const file = recordFile(host);
  if (file === null) return NO_RECORD_HINT;
  // ssh-keyscan does not know aliases, so its output is rewritten to the alias.
  const renamed = ssh.hostKeyAlias === null ? '' : ` | sed 's/^[^ ]*/${ssh.hostKeyAlias}/'`;
  return (
    `On the host, compare with \`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\`; then record it with ` +
    `\`ssh-keyscan ${port}${address}${renamed} >> ${file}\`, or set \`host_keys: accept-new\` to record new hosts at first sight.`
  );
}

function recordedAt({ recorded }: { recorded: readonly { file: string; line: number }[] }): string {
  return recorded.length === 0
    ? ' a moment ago'
    : ` at ${recorded.map(({ file, line }) => `${file}:${line}`).join(', ')}`;
}

function changedHint(
  host: Endpoint,
  { recorded }: { recorded: readonly { file: string }[] },
): string {
  const file = recorded[0]?.file ?? host.ssh.knownHosts[0] ?? '~/.ssh/known_hosts';
  const place = recordedPlace(host);
  return (
    'Someone may be listening in. If the host was reinstalled, remove the old key with ' +
    `\`ssh-keygen -f ${file} -R '${recordedName(place.address, place.port)}'\` and record the new one.`
  );
}

function notRecorded(host: Endpoint, error: unknown): HostFailure {
  const reason = reasonOf(error);
  return {
    code: 'host_key_unknown',
    message: `the host key of ${host.address}:${host.ssh.port} is new and could not be recorded: ${reason}`,
    hint: 'Set `known_hosts` to a file that can be written.',
  };
}

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Host, SshSettings } from '../../src/model/hosts/host.js';
import type { Connection, Transport } from '../../src/transport/port.js';
import { type KeyPair, temporaryFolder } from '../transport/support/ssh-server.js';

/** A transport, and a server to reach by it. */
export interface TransportSubject {
  readonly transport: () => Transport & { close(): Promise<void> };
  /** A host that lets us in and runs commands by sh; its known_hosts file is for this test alone. */
  readonly server: () => Promise<ServerSubject>;
  /** The same of an sshd with settings of its own; undefined where the server is no sshd. */
  readonly sshd?: (settings: SshdSettings) => Promise<ServerSubject>;
}

interface SshdSettings {
  /** Lines of sshd_config. */
  readonly config: string;
  readonly hostKeys: readonly KeyPair[];
}

export interface ServerSubject {
  readonly host: Host;
  /** How often someone tried to log in; undefined where the server does not tell. */
  readonly logins: (() => number) | undefined;
}

export type Change = Partial<SshSettings>;

export const changed = (host: Host, ssh: Change): Host => ({
  ...host,
  ssh: { ...host.ssh, ...ssh },
});

/** Connects, by a transport that is closed with the test. */
export async function connectedBy(subject: TransportSubject, host: Host): Promise<Connection> {
  const outcome = await open(subject).connect(host);
  if (outcome.kind === 'failed') throw new Error(JSON.stringify(outcome.failure));
  return outcome.connection;
}

export async function refusedBy(subject: TransportSubject, host: Host) {
  const outcome = await open(subject).connect(host);
  if (outcome.kind === 'connected') throw new Error('connected');
  return outcome.failure;
}

export function open(subject: TransportSubject): Transport & { close(): Promise<void> } {
  const transport = subject.transport();
  onTestFinished(() => transport.close());
  return transport;
}

/** The known_hosts file of a host, as text. */
export const recordOf = (host: Host): string => readFileSync(host.ssh.knownHosts[0] ?? '', 'utf8');

/** The host with another known_hosts. */
export function recordedAs(host: Host, text: string): Host {
  const file = join(temporaryFolder(), 'known_hosts');
  writeFileSync(file, text);
  return changed(host, { knownHosts: [file] });
}

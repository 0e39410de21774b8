import type { HostName } from './names.js';

/** How host keys are treated: `strict` refuses unknown ones, `accept-new` records them once. */
export type HostKeyPolicy = 'strict' | 'accept-new';

/** The resolved `ssh:` settings of one host; paths are absolute, durations in milliseconds. */
export interface SshSettings {
  readonly user: string;
  readonly port: number;
  readonly identityFiles: readonly string[];
  /** Socket of the agent, or null to use none. */
  readonly agent: string | null;
  /** Offers only those keys of the agent that identity files name. */
  readonly identitiesOnly: boolean;
  /** A secret reference (`env:NAME`, `file:PATH`) to the passphrase of the identity files. */
  readonly passphrase: string | null;
  readonly knownHosts: readonly string[];
  readonly hostKeys: HostKeyPolicy;
  /** A file of revoked host keys; undefined if none is named. */
  readonly revokedHostKeys?: string | undefined;
  /** The name under which the host key is recorded, if it is not the address. */
  readonly hostKeyAlias: string | null;
  /** The jump host to log in to first; null if the host is dialled directly. */
  readonly jump: Endpoint | null;
  readonly transport: 'ssh2' | 'openssh';
  readonly connectTimeoutMs: number;
  readonly keepaliveMs: number;
  /** Keep-alives that may stay unanswered in a row; default three. */
  readonly keepaliveCount?: number | undefined;
  /** As for `ssh -F`: a file, or `none`; undefined for the files that ssh reads by default. */
  readonly configFile?: string | undefined;
}

/** A value of `vars:`, any data of the inventory. */
export type VarValue = string | number | boolean | null;

/** One SSH server and how to log in there: a host of the fleet, or a jump host. */
export interface Endpoint {
  readonly name: string;
  /** What is dialled: a DNS name or an IP address. */
  readonly address: string;
  readonly ssh: SshSettings;
}

/** One target machine, with its settings from file, group and host level. */
export interface Host extends Endpoint {
  readonly name: HostName;
  readonly labels: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, VarValue>>;
  /** Every group that contains it, directly or through children, sorted. */
  readonly groups: readonly string[];
}

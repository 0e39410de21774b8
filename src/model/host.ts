import type { HostName } from './names.js';

/** How host keys are treated: `strict` refuses unknown ones, `accept-new` records them once. */
export type HostKeyPolicy = 'strict' | 'accept-new';

/** The resolved `ssh:` settings of one host; paths are absolute, durations in milliseconds. */
export interface SshSettings {
  readonly user: string;
  readonly port: number;
  readonly identityFiles: readonly string[];
  /** Socket of the agent, or null where none is to be asked. */
  readonly agent: string | null;
  /** Offers no key of the agent but those of the identity files. */
  readonly identitiesOnly: boolean;
  /** A secret reference (`env:NAME`, `file:PATH`) to the passphrase of the identity files. */
  readonly passphrase: string | null;
  readonly knownHosts: readonly string[];
  readonly hostKeys: HostKeyPolicy;
  /** A file of host keys that are taken from no host; undefined where none is named. */
  readonly revokedHostKeys?: string | undefined;
  /** The name under which the host key is recorded, where that is not the address. */
  readonly hostKeyAlias: string | null;
  /** Where to log in first, to reach this one from there; null where it is dialled from here. */
  readonly jump: Endpoint | null;
  readonly transport: 'ssh2' | 'openssh';
  readonly connectTimeoutMs: number;
  readonly keepaliveMs: number;
  /** Signs of life that may stay unanswered in a row; three where nobody says. */
  readonly keepaliveCount?: number | undefined;
  /** As for `ssh -F`: a file, or `none`; undefined for the files that ssh reads by itself. */
  readonly configFile?: string | undefined;
}

/** A value of `vars:`; whatever the inventory holds, as data. */
export type VarValue = string | number | boolean | null;

/** One SSH server and how to log in there: a host of the fleet, or a jump host on the way. */
export interface Endpoint {
  readonly name: string;
  /** What is dialled: a DNS name or an IP address. */
  readonly address: string;
  readonly ssh: SshSettings;
}

/** One target machine, with everything that file, group and host level say of it. */
export interface Host extends Endpoint {
  readonly name: HostName;
  readonly labels: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, VarValue>>;
  /** Every group that holds it, directly or through children, sorted. */
  readonly groups: readonly string[];
}

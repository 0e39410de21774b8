import type { Policy } from './policy.js';

export const SERVICE_ACTIONS = ['restart', 'reload', 'stop-start', 'none'] as const;

export type ServiceAction = (typeof SERVICE_ACTIONS)[number];
export type ServiceScope = 'system' | 'user';

export interface Service {
  readonly units: readonly string[];
  readonly action: ServiceAction;
  readonly scope: ServiceScope;
}

/** What must hold on a host, from the host's own view. The unit probe is always on. */
export type Probe =
  | { readonly kind: 'unit' }
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly status: number;
      /** Text that the body must hold; null for any. */
      readonly body: string | null;
    }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  /** Run by sh in the release folder; passes with exit code 0. */
  | { readonly kind: 'command'; readonly command: string };

/** Where a release comes from. */
export type ReleaseSource =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'archive'; readonly path: string }
  | {
      readonly kind: 'git';
      readonly repository: string;
      readonly ref: string;
      readonly subdir: string | null;
    }
  | { readonly kind: 'url'; readonly url: string; readonly sha256: string };

/** Where the links of a release may lead: `inside` it, or (`allow`) anywhere on the host. */
export type LinkRule = 'inside' | 'allow';

/** A shared path, linked from shared/ into each release. */
export interface SharedPath {
  /** Relative, normalised, without a trailing slash. */
  readonly path: string;
  readonly kind: 'folder' | 'file';
}

/** One deployable app with its policy, as `fleet.yaml` and the target group's overrides say. */
export interface App {
  readonly name: string;
  /** Absolute on the host, or `~/…` for the login user's home; normalised, no trailing slash. */
  readonly root: string;
  readonly service: Service;
  readonly release: {
    readonly from: ReleaseSource | null;
    readonly keep: number;
    readonly links: LinkRule;
  };
  readonly shared: readonly SharedPath[];
  readonly probes: readonly Probe[];
  readonly policy: Policy;
  /** Null for this bastion's own, which is in its state folder. */
  readonly history: HistoryLocation | null;
}

/** Where a history is kept: a file with its absolute path, or a server that is not built yet. */
export type HistoryLocation =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string };

import type { HostPhase } from '../../../src/host/protocol/protocol.js';
import type { HostName } from '../../../src/model/names.js';

/** In whose name a step acts; `switch` is the dead-man timer of that transaction. */
export interface Actor {
  readonly by: 'controller' | 'switch';
  readonly verb: string;
  readonly epoch: number;
  readonly run: string;
  readonly txn: string;
  /** Whether the step holds the host's lock. */
  readonly locked: boolean;
}

/** One change of what is true on a host, the moment after it came about. */
export type Transition = { readonly host: HostName; readonly actor: Actor | null } & Change;

export type Change =
  | { readonly kind: 'phase'; readonly before: HostPhase; readonly after: HostPhase }
  | { readonly kind: 'link'; readonly before: string | null; readonly after: string | null }
  | { readonly kind: 'release-published'; readonly release: string }
  | { readonly kind: 'release-removed'; readonly release: string }
  | { readonly kind: 'written'; readonly what: string }
  /** A unit is taken down by a step; `serving` is what it served until then, null for nothing. */
  | { readonly kind: 'unit-stopped'; readonly unit: string; readonly serving: string | null }
  | { readonly kind: 'unit-started'; readonly unit: string; readonly serving: string | null }
  /** A unit's process has ended by itself. */
  | { readonly kind: 'unit-died'; readonly unit: string }
  | { readonly kind: 'probed'; readonly healthy: boolean }
  | { readonly kind: 'hook-began'; readonly key: string }
  | { readonly kind: 'hook-ended'; readonly key: string; readonly exit: number }
  | { readonly kind: 'read' }
  | { readonly kind: 'booted' };

import type { HostFailure } from '../../errors/host-failure.js';
import type { HostFacts } from '../../host/protocol/protocol.js';
import type { Host } from '../../model/hosts/host.js';
import type { HostName } from '../../model/names.js';
import type { ReleaseDrift } from '../../model/releases/drift.js';
import type { ServerOffer } from '../../transport/algorithms/server-offer.js';

/** What preflight read of one host, or why it could not. */
export type HostReading =
  | ({ readonly kind: 'read'; readonly reading: Reading } & ReadHost)
  | { readonly kind: 'failed'; readonly host: Host; readonly failure: HostFailure };

export interface ReadHost {
  readonly host: Host;
  readonly facts: HostFacts;
  /** Another name of the selection that leads to the same root of the same machine. */
  readonly twin?: HostName | undefined;
  /** What it saw of the release at which it glanced; none if only the contents of that can tell. */
  readonly drifts?: readonly ReleaseDrift[] | undefined;
}

/** How the facts of a host were read. */
export interface Reading {
  /** By the clock of this machine: before the question was sent, and after the answer. */
  readonly since: Date;
  readonly until: Date;
  /** What its SSH server offered; null if unknown. */
  readonly server: ServerOffer | null;
}

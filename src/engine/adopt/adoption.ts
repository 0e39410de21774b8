import type { HostFailure } from '../../errors/host-failure.js';
import type { FoundShare } from '../../model/adopt/found.js';
import type { Adoptable, LeftAlone } from '../../model/adopt/judged.js';
import type { Tool } from '../../model/adopt/tool.js';
import type { Host } from '../../model/hosts/host.js';
import type { HostName } from '../../model/names.js';
import type { ReadHost } from '../reading/host-reading.js';

/** A release of another tool on one host, and whether fleet has it already. */
export interface AdoptableRelease extends Adoptable {
  readonly adopted: boolean;
}

/** What adopting one host would do, by what was read there. */
export interface HostAdoption extends ReadHost {
  readonly kind: 'ready';
  readonly tool: Tool | null;
  /** Oldest first. */
  readonly releases: readonly AdoptableRelease[];
  readonly left: readonly LeftAlone[];
  /** `current` becomes a relative link. */
  readonly relink: boolean;
  /** Links of the current release into shared/. */
  readonly shares: readonly FoundShare[];
}

/** A host that was not read, or must not be adopted now. */
export interface HostRefusal {
  readonly kind: 'refused';
  readonly host: Host;
  readonly failure: HostFailure;
}

export type AdoptionReading = HostAdoption | HostRefusal;

/** Whether anything on the host is left to do. */
export const hasWork = ({ releases, relink }: HostAdoption): boolean =>
  relink || releases.some(({ adopted }) => !adopted);

/** How adopting one host ended. */
export interface HostAdopted {
  readonly host: HostName;
  readonly state: 'adopted' | 'unchanged' | 'failed';
  /** By release; null where the content could not be listed. */
  readonly digests: ReadonlyMap<string, string | null>;
  readonly failure: HostFailure | null;
}

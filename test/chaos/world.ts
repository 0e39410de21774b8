import type { Bastion } from '../e2e/support/bastion.js';
import type { ChaosHost } from './fleet-setup.js';
import type { Ledger } from './ledger.js';
import type { KnownRelease } from './releases.js';
import type { Watch } from './watch.js';

/** What all runs of a chaos share. */
export interface World {
  readonly seed: number;
  readonly hosts: readonly ChaosHost[];
  /** The usual one, and one from which a second controller comes, with a state of its own. */
  readonly bastions: { readonly own: Bastion; readonly other: Bastion };
  /** Every release that was made, by id. */
  readonly known: Map<string, KnownRelease>;
  readonly ledger: Ledger;
  readonly watch: Watch;
  /** What a deploy takes that no one disturbs. */
  readonly typicalMs: number;
}

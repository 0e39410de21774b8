import type { RealFleetOptions } from '../real/support/options.js';
import type { Variant } from './variants.js';

/** One kind of host that fleet did not make, and what fleet does there. */
export interface Row {
  /** As it stands in docs/hosts.md; `npm run matrix -- -t NAME` runs it alone. */
  readonly name: string;
  /** A Debian suite; this machine's own where none is named. */
  readonly suite?: string;
  readonly splitUsr?: boolean;
  readonly variants?: readonly Variant[];
  /** Keys of fleet.yaml that differ: `service`, `probes`, `policy`. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Unit files and sudo rights of the host, where the lab's own do not serve. */
  readonly host?: Pick<RealFleetOptions, 'units' | 'sudo' | 'userManager' | 'sshd'>;
  /** The unit that is looked at from outside; `shop.service` where none is named. */
  readonly watched?: string;
  readonly expect: Expectation;
}

export type Expectation =
  /** All of the checks pass. With `paste`, after an admin did on the host what doctor printed. */
  | { readonly kind: 'works'; readonly paste?: boolean }
  /** Doctor and deploy refuse with these words, before anything moves; `remedy` then makes it work. */
  | { readonly kind: 'refused'; readonly says: RegExp; readonly remedy?: string };

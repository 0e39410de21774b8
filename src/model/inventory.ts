import type { Host } from './host.js';
import type { HostName } from './names.js';

/** A named set of hosts; `hosts` has those of child groups too, in inventory order. */
export interface Group {
  readonly name: string;
  readonly children: readonly string[];
  readonly hosts: readonly HostName[];
}

/** All inventory files, merged and resolved. */
export interface Inventory {
  /** In inventory order, which is the plan's order too. */
  readonly hosts: readonly Host[];
  readonly groups: ReadonlyMap<string, Group>;
}

import type { Problem } from '../../errors/fleet-error.js';
import type { HostName } from '../names.js';
import type { Host } from './host.js';

/** A named set of hosts; `hosts` includes those of child groups, in inventory order. */
export interface Group {
  readonly name: string;
  readonly children: readonly string[];
  readonly hosts: readonly HostName[];
}

/** What keeps fleet from working on hosts; it matters only if all of them are selected together. */
export interface Objection {
  readonly hosts: readonly HostName[];
  readonly problem: Problem;
}

/** All inventory files, merged and resolved. */
export interface Inventory {
  readonly objections?: readonly Objection[];
  /** In inventory order, which is the plan's order too. */
  readonly hosts: readonly Host[];
  readonly groups: ReadonlyMap<string, Group>;
}

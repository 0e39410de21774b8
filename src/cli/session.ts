import type { EventBus } from '../events/bus.js';
import type { HostClient } from '../host/client.js';
import type { HostName } from '../model/names.js';
import type { Reporter } from '../ui/reporter.js';
import type { Context } from './context.js';
import type { FleetLink } from './fleet-link.js';
import type { Interrupts } from './interrupts.js';
import type { CommonOptions } from './options.js';
import type { Target } from './workspace.js';

/** What a rollout has at hand from its first connection to its last word. */
export interface Session {
  readonly context: Context;
  readonly options: CommonOptions;
  readonly target: Target;
  readonly link: FleetLink;
  /** One a host, from preflight to the last reading: a run connects to each host once. */
  readonly clients: ReadonlyMap<HostName, HostClient>;
  readonly bus: EventBus;
  readonly reporter: Reporter;
  readonly interrupts: Interrupts;
}

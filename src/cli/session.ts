import type { BastionLock } from '../engine/bastion-lock.js';
import type { EventBus } from '../events/bus.js';
import type { HostClients } from '../host/clients.js';
import type { RunId } from '../model/names.js';
import type { Reporter } from '../ui/reporter.js';
import type { Context } from './context.js';
import type { FleetLink } from './fleet-link.js';
import type { Interrupts } from './interrupts.js';
import type { RunOptions } from './run-options.js';
import type { Target } from './workspace.js';

/** What a rollout has at hand from its first connection to its last word. */
export interface Session {
  readonly context: Context;
  readonly options: RunOptions;
  readonly target: Target;
  /** The run that this session is for. */
  readonly run: RunId;
  /** Null where nothing is written. */
  readonly lock: BastionLock | null;
  readonly link: FleetLink;
  /** One a host, from preflight to the last reading: a run connects to each host once. */
  readonly clients: HostClients;
  readonly bus: EventBus;
  readonly reporter: Reporter;
  readonly interrupts: Interrupts;
}

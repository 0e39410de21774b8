import type { BastionLock } from '../../engine/lock/bastion-lock.js';
import type { EventBus } from '../../events/bus.js';
import type { RunId } from '../../model/names.js';
import type { Reporter } from '../../ui/run/reporter.js';
import type { TargetLink } from '../connect/fleet-link.js';
import type { Context } from '../context/context.js';
import type { Interrupts } from '../context/interrupts.js';
import type { Target } from '../context/workspace.js';
import type { RunOptions } from './run-options.js';

/** What a rollout uses from its first connection to its last output. */
export interface Session {
  readonly context: Context;
  readonly options: RunOptions;
  readonly target: Target;
  /** The run that this session is for. */
  readonly run: RunId;
  /** Null if nothing is written. */
  readonly lock: BastionLock | null;
  /** The hosts, from preflight to the last reading: a run connects to each of them once. */
  readonly fleet: TargetLink;
  readonly bus: EventBus;
  readonly reporter: Reporter;
  readonly interrupts: Interrupts;
}

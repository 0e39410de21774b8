import type { LimitFunction } from 'p-limit';
import type { PreparedRelease } from '../../src/artifact/prepare.js';
import type { RunLocal } from '../../src/engine/hooks/local-command.js';
import type { Recovered } from '../../src/engine/recover/recover.js';
import type { FleetError } from '../../src/errors/fleet-error.js';
import type { EventBus } from '../../src/events/bus.js';
import type { HostClients } from '../../src/host/clients.js';
import type { Clock } from '../../src/model/clock.js';
import type { Host } from '../../src/model/hosts/host.js';
import type { RunId } from '../../src/model/names.js';
import type { App } from '../../src/model/runs/app.js';
import type { ControlRequest } from '../../src/model/runs/control.js';
import type { Plan } from '../../src/model/runs/plan.js';
import type { Conclusion } from '../../src/rollout/conclude.js';

/** What a command of fleet finds around it: simulated, or real hosts behind real clients. */
export interface Bastion {
  readonly run: RunId;
  /** A recovery is a run of its own, each time. */
  readonly recoveryRun: RunId;
  readonly app: App;
  readonly prepared: PreparedRelease;
  readonly hosts: readonly Host[];
  readonly clients: HostClients;
  readonly limit: LimitFunction;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly random: () => number;
  readonly interrupts: AbortController;
  readonly detaches: AbortController;
  readonly onPause: 'wait' | 'exit';
  readonly hasLock: boolean;
  /** Runs hooks of this machine. */
  readonly local: RunLocal;
  /** Whether a hook of this run whose end the journal does not know has done its work, as a person finds out. */
  readonly hookIsDone: (turn: string) => boolean;
  /** What this bastion knows of a run: false where it may be alive. */
  readonly isDead: (run: RunId) => boolean;
  /** Puts the plan of a run that begins in its journal. */
  keep(plan: Plan): void;
  onControl(listener: (request: ControlRequest) => void): () => void;
}

/** How a command came to its end; `failed` is a bug of the engine. */
export type Ending =
  | { readonly kind: 'concluded'; readonly conclusion: Conclusion }
  | { readonly kind: 'refused'; readonly error: FleetError }
  | { readonly kind: 'recovered'; readonly hosts: readonly Recovered[] }
  | { readonly kind: 'planned' }
  | { readonly kind: 'failed'; readonly error: unknown };

/** `--forks`: hosts that are worked on at once. */
export const FORKS = 50;

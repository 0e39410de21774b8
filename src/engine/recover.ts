import type { StepOutcome } from '../host/client.js';
import { readStatus } from '../host/facts.js';
import type { HostFacts, HostState, Step } from '../host/protocol.js';
import { type Ownership, releaseStep, revertStep, statusStep } from '../host/steps.js';
import type { App } from '../model/app.js';
import type { HostName } from '../model/names.js';
import type { ReadHost } from './admit.js';
import type { Caller } from './caller.js';
import { currentOf, unitIsUp } from './draft.js';
import { watchedCall, watchOf } from './watched.js';

/**
 * What brings a host that a run has left behind to a decided state:
 * - `release`: nothing was switched, or the switch was confirmed: only the claim is given back
 * - `revert`: a switch is open: the host goes back to its recorded `from`, then gives its claim back
 */
export type Remedy = 'none' | 'release' | 'revert';

/** By the phase that the host's own state is in; it outranks every memory of the run. */
export function remedyFor(state: HostState): Remedy {
  switch (state.phase) {
    case 'armed':
    case 'linked':
    case 'restarted':
    case 'verified':
    case 'reverting':
      return 'revert';
    case 'idle':
    case 'claimed':
    case 'staged':
    case 'down':
      return state.run === null ? 'none' : 'release';
  }
}

/** What came of one host; `down` and `unknown` need a person. */
export interface Recovered {
  readonly host: HostName;
  readonly state: 'released' | 'reverted' | 'down' | 'unknown';
  readonly detail: string;
}

export interface RecoverOptions {
  readonly app: App;
  readonly call: Caller;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/**
 * Decides one undecided host, in the name of the run that left it so. That run must not be alive:
 * the caller has asked a person.
 */
export async function recoverHost(
  { host, facts }: ReadHost,
  options: RecoverOptions,
): Promise<Recovered> {
  const remedy = remedyFor(facts);
  const outcome = await options.call(
    {
      host: host.name,
      txn: facts.txn ?? '',
      steps: () => stepsFor(remedy, facts, options),
      ...watchedCall(options.app),
    },
    options.signal,
  );
  return { host: host.name, ...judge(remedy, outcome) };
}

function stepsFor(remedy: Remedy, facts: HostFacts, { app, now }: RecoverOptions): readonly Step[] {
  const { epoch, run, txn } = facts;
  if (run === null) return [statusStep(app.service)];
  const by: Ownership = { epoch, run, txn: txn ?? run, at: now().toISOString() };
  const back = revertStep(by, now().toISOString(), watchOf(app));
  const steps = [releaseStep(by), statusStep(app.service)];
  return remedy === 'revert' ? [back, ...steps] : steps;
}

function judge(remedy: Remedy, outcome: StepOutcome): Omit<Recovered, 'host'> {
  if (outcome.kind === 'lost') return { state: 'unknown', detail: outcome.failure.message };
  if (outcome.kind === 'failed') {
    const down = outcome.phase === 'down';
    return { state: down ? 'down' : 'unknown', detail: outcome.failure.message };
  }
  const status = readStatus(outcome.events);
  if (status === null) return { state: 'unknown', detail: 'no status in the reply' };
  const { state, units } = status;
  const detail = `on ${currentOf(state) ?? 'no release'}`;
  if (state.phase !== 'idle') return { state: 'down', detail: `phase ${state.phase}, ${detail}` };
  const fits = remedy === 'release' || currentOf(state) === null || units.every(unitIsUp);
  if (!fits) return { state: 'down', detail: `${detail}, and its unit is not up` };
  return { state: remedy === 'revert' ? 'reverted' : 'released', detail };
}

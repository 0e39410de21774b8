import type { StepOutcome } from '../host/client.js';
import { readStatus } from '../host/facts.js';
import type { HostFacts, Step } from '../host/protocol.js';
import { adoptStep, type Ownership, releaseStep, revertStep, statusStep } from '../host/steps.js';
import type { App } from '../model/app.js';
import type { Clock } from '../model/clock.js';
import type { HostName, ReleaseId, RunId } from '../model/names.js';
import { txnOf } from '../model/plan.js';
import { sizeOf } from '../model/size.js';
import { admit } from '../rollout/budget.js';
import { isFenced } from '../rollout/fencing.js';
import type { HostSurvey, ReadHost } from './admit.js';
import type { Caller } from './caller.js';
import { currentOf, unitIsUp } from './draft.js';
import { type Remedy, remedyFor } from './remedy.js';
import { watchedCall, watchOf } from './watched.js';

/**
 * What came of one host.
 * - `released`, `reverted`: decided and free
 * - `down`, `unknown`: need a person
 * - `locked`: its run is alive, or another one was faster
 * - `held`: taking it back would go beyond max_unavailable
 */
export interface Recovered {
  readonly host: HostName;
  readonly state: 'released' | 'reverted' | 'down' | 'unknown' | 'locked' | 'held';
  /** The run that had left it so; null where it could not be read. */
  readonly run: RunId | null;
  /** What `current` names now; null for nothing, or where that is not known. */
  readonly current: ReleaseId | null;
  readonly detail: string;
}

export interface RecoverOptions {
  readonly app: App;
  /** The recovery's own, and the person who wants it. */
  readonly run: RunId;
  readonly owner: string;
  /** Every host of the group: those that need nothing count for max_unavailable. */
  readonly surveys: readonly HostSurvey[];
  /** Runs whose leases need not run out, as they are known to be dead. */
  readonly isDead: (run: RunId) => boolean;
  readonly call: Caller;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

type Undecided = ReadHost & { readonly remedy: Exclude<Remedy, 'none'>; readonly index: number };

/**
 * Decides every host that a run has left undecided, by what its own state says. Each is adopted in
 * a newer epoch first, so that whoever left it can do nothing there any more. What serves is taken
 * back under max_unavailable; claims are given back at once. Ends in bounded time.
 */
export async function recoverFleet(options: RecoverOptions): Promise<readonly Recovered[]> {
  const recovery = new Recovery(options);
  return recovery.run();
}

class Recovery {
  readonly #options: RecoverOptions;
  readonly #epoch: number;
  readonly #limit: number;
  readonly #recovered: Recovered[] = [];
  readonly #inFlight = new Map<HostName, Promise<void>>();
  #pending: readonly Undecided[];
  #reverting = 0;
  /** Hosts that do not serve, and are not among those to be decided. */
  #out: number;

  constructor(options: RecoverOptions) {
    const { surveys, app } = options;
    const read = surveys.filter((each) => each.kind === 'read');
    this.#options = options;
    this.#epoch = 1 + Math.max(0, ...read.map(({ facts }) => facts.epoch));
    this.#limit = sizeOf(app.policy.maxUnavailable, surveys.length, { floor: 1 });
    this.#pending = undecidedOf(surveys);
    const settled = read.filter(({ facts }) => remedyFor(facts) !== 'revert');
    this.#out = surveys.length - read.length + settled.filter(({ facts }) => !serves(facts)).length;
  }

  async run(): Promise<readonly Recovered[]> {
    for (;;) {
      for (const host of this.#admitted()) this.#start(host);
      if (this.#inFlight.size === 0) break;
      await Promise.race(this.#inFlight.values());
    }
    return [...this.#recovered, ...this.#pending.map(heldBack)].toSorted(this.#inOrder);
  }

  readonly #inOrder = (a: Recovered, b: Recovered): number =>
    this.#place(a.host) - this.#place(b.host);

  #place(name: HostName): number {
    return this.#options.surveys.findIndex(({ host }) => host.name === name);
  }

  /** Those that may be worked on now: whatever does not serve, and of the rest what the limit allows. */
  #admitted(): readonly Undecided[] {
    const waiting = this.#pending.filter((host) => !leavesService(host)).length;
    const releases = this.#pending.filter(({ remedy }) => remedy === 'release').length;
    const out = this.#out + this.#reverting + waiting - releases;
    const isOut = (host: Undecided): boolean => !leavesService(host);
    return admit(this.#pending, { limit: this.#limit, out, isOut });
  }

  #start(host: Undecided): void {
    const { name } = host.host;
    this.#pending = this.#pending.filter((other) => other !== host);
    const reverts = host.remedy === 'revert' ? 1 : 0;
    this.#reverting += reverts;
    const work = this.#decide(host).then((recovered) => {
      this.#inFlight.delete(name);
      this.#reverting -= reverts;
      this.#recovered.push(recovered);
      if (recovered.state !== 'released' && recovered.state !== 'reverted') this.#out += 1;
    });
    this.#inFlight.set(name, work);
  }

  async #decide(host: Undecided): Promise<Recovered> {
    const { app, call, signal } = this.#options;
    const { facts } = host;
    const outcome = await call(
      {
        host: host.host.name,
        txn: facts.txn ?? this.#options.run,
        steps: () => this.#steps(host),
        ...watchedCall(app),
      },
      signal,
    );
    return { host: host.host.name, run: facts.run, ...judge(host.remedy, facts, outcome) };
  }

  #steps({ facts, remedy, index }: Undecided): readonly Step[] {
    const { app, run, owner, isDead, clock } = this.#options;
    const at = clock.now().toISOString();
    const txn = facts.txn ?? txnOf(run, this.#epoch, index);
    const by: Ownership = { epoch: this.#epoch, run, txn, at };
    const force = facts.run !== null && isDead(facts.run);
    const tenure = { owner, leaseMs: app.policy.leaseMs, over: facts.run, force };
    const back = remedy === 'revert' ? [revertStep(by, at, watchOf(app))] : [];
    return [adoptStep(by, tenure), ...back, releaseStep(by), statusStep(app.service)];
  }
}

/** The hosts that need a decision, in inventory order. */
export function undecidedOf(surveys: readonly HostSurvey[]): readonly Undecided[] {
  return surveys.flatMap((survey, index) => {
    if (survey.kind !== 'read') return [];
    const remedy = remedyFor(survey.facts);
    return remedy === 'none' ? [] : [{ ...survey, remedy, index }];
  });
}

const serves = (facts: HostFacts): boolean =>
  currentOf(facts) !== null && facts.units.every(unitIsUp);

const leavesService = ({ remedy, facts }: Undecided): boolean =>
  remedy === 'revert' && serves(facts);

function heldBack({ host, facts }: Undecided): Recovered {
  const detail = 'taking it back would put more hosts out of service than max_unavailable allows';
  return { host: host.name, run: facts.run, state: 'held', current: currentOf(facts), detail };
}

type Judgement = Pick<Recovered, 'state' | 'current' | 'detail'>;

function judge(remedy: Remedy, facts: HostFacts, outcome: StepOutcome): Judgement {
  const was = currentOf(facts);
  if (outcome.kind === 'lost') {
    return { state: 'unknown', current: was, detail: outcome.failure.message };
  }
  if (outcome.kind === 'failed') {
    const { failure, phase } = outcome;
    const state = isFenced(failure) ? 'locked' : phase === 'down' ? 'down' : 'unknown';
    return { state, current: was, detail: failure.message };
  }
  const status = readStatus(outcome.events);
  if (status === null) return { state: 'unknown', current: was, detail: 'no status in the reply' };
  const { state, units } = status;
  const current = currentOf(state);
  const detail = `on ${current ?? 'no release'}`;
  if (state.phase !== 'idle')
    return { state: 'down', current, detail: `phase ${state.phase}, ${detail}` };
  const fits = remedy === 'release' || current === null || units.every(unitIsUp);
  if (!fits) return { state: 'down', current, detail: `${detail}, and its unit is not up` };
  return { state: remedy === 'revert' ? 'reverted' : 'released', current, detail };
}

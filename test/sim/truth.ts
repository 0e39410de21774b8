import { watchedCall } from '../../src/engine/run/calls/activation-timeouts.js';
import type { ErrorCode } from '../../src/errors/codes.js';
import type { FleetEvent } from '../../src/events/event.js';
import type { CallOutcome } from '../../src/host/client.js';
import type { Step } from '../../src/host/protocol/protocol.js';
import type { HostName, RunId } from '../../src/model/names.js';
import { STAGE_TRAITS } from '../../src/model/runs/host-stage.js';
import type { HostPlan, Plan } from '../../src/model/runs/plan.js';
import type { Verb } from '../../src/model/runs/verb.js';
import { isDecisive } from './decisive-steps.js';
import { HookLog } from './hook-log.js';
import type { HostModel } from './host-model/host.js';
import { OPEN_PHASES as OPEN } from './host-model/program.js';
import type { Transition } from './host-model/transition.js';
import type { LocalHook } from './sim-hooks.js';

/** Everything that the checkers look at, one thing at a time, the moment after it happened. */
export type Observation =
  | { readonly kind: 'transition'; readonly transition: Transition }
  /** An event of a controller; `run` is null before its plan is made. */
  | {
      readonly kind: 'event';
      readonly run: RunId | null;
      readonly event: FleetEvent;
      /** Of the run that has begun; null before it. */
      readonly plan: Plan | null;
    }
  | {
      readonly kind: 'sent';
      /** Whose controller it was; null for no one that is known. */
      readonly by: RunId | null;
      readonly host: HostName;
      readonly steps: readonly Step[];
    }
  | {
      readonly kind: 'answered';
      readonly host: HostName;
      readonly steps: readonly Step[];
      readonly outcome: CallOutcome;
    }
  /** A hook of a bastion begins, or ends. */
  | { readonly kind: 'local-hook'; readonly hook: LocalHook }
  /** The deadline of a transaction and its margin are over. */
  /** Something of that run is to be kept in the history. */
  | { readonly kind: 'stored'; readonly run: RunId }
  | {
      readonly kind: 'overdue';
      readonly host: HostName;
      readonly txn: string;
      /** Which arming of this host it was. */
      readonly arming: number;
    };

/** What was seen of one host, beside what it is now. */
export interface HostNotes {
  /** The newest claim, and whose it is. */
  epoch: number;
  run: string | null;
  /** When, as a number of observation. */
  decidedAt: number;
  probedWellAt: number;
  /** What the host said whenever it was read. */
  readonly reads: {
    readonly at: number;
    readonly free: boolean;
    readonly current: string | null;
  }[];
  /** A controller was told that its unit is not well. */
  knownSick: boolean;
  /** Whether it said of itself, when a controller last asked, that its transaction is open. */
  wasFoundOpen: boolean;
  /** How often a switch was armed here, and the boot of the last time; -1 once that was settled. */
  armings: number;
  bootAtArm: number;
}

/** What was seen of one run in one epoch. */
export interface RunNotes {
  readonly plan: Plan;
  readonly startedAt: number;
  /** When it said that it stops, and when its failures passed the tolerance; null for never. */
  stoppedAt: number | null;
  finalizingAt: number | null;
  /** When the switch of each host was first sent. */
  readonly switchSentAt: Map<HostName, number>;
  /** When a step of each host was answered with its failure, in virtual time. */
  readonly failedAt: Map<HostName, number>;
  /** Hosts whose last decisive step has no answer. */
  readonly unanswered: Set<HostName>;
  /** Those of them of which the run has said that they failed. */
  readonly givenUp: Set<HostName>;
  /** Until when an answer to the switch of each host may come; not of those that have answered. */
  readonly awaited: Map<HostName, number>;
}

/** What is true: the hosts themselves, and what was seen of them and of the runs. */
export class Truth {
  readonly hosts: ReadonlyMap<HostName, HostModel>;
  readonly notes: ReadonlyMap<HostName, HostNotes>;
  /** In the order in which they began. */
  readonly runs: RunNotes[] = [];
  /** By run, host, and its epoch there. */
  readonly #byClaim = new Map<string, RunNotes>();
  /** Counts observations; later ones have higher numbers. */
  count = 0;
  /** Milliseconds of virtual time. */
  now = 0;
  readonly dryRuns = new Set<RunId>();
  readonly hooks = new HookLog();

  constructor(hosts: ReadonlyMap<HostName, HostModel>) {
    this.hosts = hosts;
    this.notes = new Map([...hosts.keys()].map((name) => [name, freshNotes()]));
  }

  host(name: HostName): HostModel {
    const host = this.hosts.get(name);
    if (host === undefined) throw new Error(`no host ${name}`);
    return host;
  }

  notesOf(name: HostName): HostNotes {
    const notes = this.notes.get(name);
    if (notes === undefined) throw new Error(`no host ${name}`);
    return notes;
  }

  /** The run that acts on a host in an epoch of that host. */
  runOf(run: string, host: HostName, epoch: number): RunNotes | undefined {
    return this.#byClaim.get(keyOf(run, host, epoch));
  }

  /** The run in whose name a call is made. */
  runOfSteps(host: HostName, steps: readonly Step[]): RunNotes | undefined {
    const argument = (key: string) => steps[0]?.args.find(([name]) => name === key)?.[1] ?? '';
    return this.runOf(argument('run'), host, Number(argument('epoch')));
  }

  planned(notes: RunNotes, host: HostName): HostPlan | undefined {
    return notes.plan.hosts.find((each) => each.host.name === host);
  }

  /** A switch was armed: its deadline counts from now on. */
  noteArming(name: HostName): number {
    const notes = this.notesOf(name);
    notes.armings += 1;
    notes.bootAtArm = this.host(name).boots;
    return notes.armings;
  }

  /** Records what the checkers will want to know later. Comes after they have looked. */
  record(seen: Observation): void {
    this.count += 1;
    switch (seen.kind) {
      case 'transition':
        this.hooks.noteOnHost(seen.transition);
        return this.#recordTransition(seen.transition);
      case 'local-hook':
        return this.hooks.noteLocal(seen.hook);
      case 'event':
        return this.#recordEvent(seen);
      case 'sent':
        return this.#recordSent(seen.host, seen.steps);
      case 'answered':
        return this.#recordAnswer(seen.host, seen.steps, seen.outcome);
      case 'overdue':
      case 'stored':
        return;
    }
  }

  #recordTransition({ host: name, actor, ...change }: Transition): void {
    const notes = this.notesOf(name);
    const host = this.host(name);
    if (change.kind === 'phase') {
      if (actor?.verb === 'claim' || actor?.verb === 'adopt') {
        notes.epoch = actor.epoch;
        notes.run = actor.run;
      }
      if (OPEN.has(change.before) && !OPEN.has(change.after)) {
        notes.decidedAt = this.count;
        notes.bootAtArm = DECIDED;
      }
    }
    if (change.kind === 'unit-started' && actor !== null) notes.knownSick = false;
    if (change.kind === 'probed' && change.healthy) notes.probedWellAt = this.count;
    if (change.kind === 'read') {
      const { phase, run } = host.disk.state;
      const free = phase === 'idle' && run === null;
      notes.reads.push({ at: this.count, free, current: host.disk.current });
    }
  }

  #recordEvent({ event, run, plan }: Extract<Observation, { kind: 'event' }>): void {
    if (event.type === 'run-started' && plan !== null) {
      const begun: RunNotes = {
        plan,
        startedAt: this.count,
        stoppedAt: null,
        finalizingAt: null,
        switchSentAt: new Map(),
        failedAt: new Map(),
        unanswered: new Set(),
        givenUp: new Set(),
        awaited: new Map(),
      };
      this.runs.push(begun);
      for (const { host, epoch } of plan.hosts) {
        this.#byClaim.set(keyOf(plan.run, host.name, epoch), begun);
      }
    }
    const notes = run === null ? undefined : this.#newestOf(run);
    if (notes === undefined) return;
    this.hooks.noteEvent(event);
    if (event.type === 'stopped') notes.stoppedAt ??= this.count;
    if (event.type === 'phase-started' && event.phase === 'finalizing') {
      notes.finalizingAt = this.count;
    }
    if (event.type === 'host-stage' && STAGE_TRAITS[event.stage].failed) {
      if (notes.unanswered.has(event.host)) notes.givenUp.add(event.host);
    }
  }

  #newestOf(run: RunId): RunNotes | undefined {
    return this.runs.findLast((notes) => notes.plan.run === run);
  }

  #recordSent(host: HostName, steps: readonly Step[]): void {
    const notes = this.runOfSteps(host, steps);
    if (notes === undefined) return;
    if (isDecisive(notes.plan, steps)) notes.unanswered.add(host);
    if (!steps.some(({ verb }) => verb === ('activate' satisfies Verb))) return;
    if (notes.switchSentAt.has(host)) return;
    notes.switchSentAt.set(host, this.count);
    const { patienceMs, timeoutMs } = watchedCall(notes.plan.app);
    notes.awaited.set(host, this.now + patienceMs + 2 * timeoutMs);
  }

  #recordAnswer(host: HostName, steps: readonly Step[], outcome: CallOutcome): void {
    const looks = outcome.events.some((event) => event.event === 'probe' && !event.healthy);
    if (outcome.kind === 'ok' && outcome.replies.at(-1)?.verb === 'probe' && looks) {
      this.notesOf(host).knownSick = true;
    }
    const units = outcome.events.filter((event) => event.event === 'unit');
    // A unit that dies again and again may be up when it is asked; that word is what a plan has.
    if (units.length > 0 && units.every(({ active }) => active === 'active')) {
      this.notesOf(host).knownSick = false;
    }
    for (const event of outcome.events) {
      if (event.event === 'state') this.notesOf(host).wasFoundOpen = OPEN.has(event.phase);
    }
    const notes = this.runOfSteps(host, steps);
    if (notes === undefined || outcome.kind === 'lost') return;
    if (outcome.kind === 'failed' && PASSING.has(outcome.failure.code)) return;
    notes.awaited.delete(host);
    if (!isDecisive(notes.plan, steps)) return;
    notes.unanswered.delete(host);
    if (outcome.kind === 'ok') return;
    if (!notes.failedAt.has(host)) notes.failedAt.set(host, this.now);
  }
}

/** Failures after which the same step is sent again. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'unreachable',
  'connect_timeout',
  'connection_lost',
]);

/** In place of a boot: nothing is open whose deadline counts. */
export const DECIDED = -1;

const keyOf = (run: string, host: HostName, epoch: number): string => `${run} ${host} ${epoch}`;

function freshNotes(): HostNotes {
  return {
    epoch: 0,
    run: null,
    decidedAt: 0,
    probedWellAt: -1,
    reads: [],
    knownSick: false,
    wasFoundOpen: false,
    armings: 0,
    bootAtArm: DECIDED,
  };
}

import { asHostName, type HostName } from '../../../src/model/names.js';
import type { Plan } from '../../../src/model/runs/plan.js';
import type { RunNotice } from '../../../src/model/runs/run.js';
import { type Conclusion, conclude } from '../../../src/rollout/conclude.js';
import { advance } from '../../../src/rollout/machine.js';
import type { Effect } from '../../../src/rollout/state/effect.js';
import type { FinalReading, RunInput, StepResult } from '../../../src/rollout/state/input.js';
import { ENDS_IN, type InputFor } from '../../../src/rollout/state/input.js';
import { beginState, hostOf, type RolloutState } from '../../../src/rollout/state/state.js';

/** What a host answers to an effect; `ok` without a script. */
export type Answer = 'ok' | 'failed' | 'lost' | 'untouched';
export type Script = (effect: Effect, state: RolloutState) => Answer;

export interface Played {
  readonly state: RolloutState;
  readonly notices: readonly RunNotice[];
  readonly effects: readonly Effect[];
  readonly conclusion: Conclusion;
}

export interface PlayOptions {
  readonly script?: Script;
  /** The final reading of a host; without one, what the run has left. */
  readonly reading?: (host: HostName) => FinalReading | undefined;
  /** How many hosts are worked on at once; all by default. */
  readonly atOnce?: number;
  /** Which of the pending effects is answered next; the first by default. */
  readonly pick?: (pending: readonly Effect[]) => number;
  /** Called after every step, for invariants. */
  readonly check?: (before: RolloutState, after: RolloutState, effects: readonly Effect[]) => void;
  /** The number of answers after which Ctrl-C is pressed. */
  readonly interruptAfter?: number;
}

/** Runs the machine to its end over scripted hosts, in any order of answers. */
export function play(plan: Plan, options: PlayOptions = {}): Played {
  const pending: Effect[] = [];
  const notices: RunNotice[] = [];
  const effects: Effect[] = [];
  let state = beginState(plan, options.atOnce);
  const feed = (input: RunInput): void => {
    const step = advance(state, input);
    options.check?.(state, step.state, step.effects);
    state = step.state;
    notices.push(...step.notices);
    effects.push(...step.effects);
    pending.push(...step.effects);
  };
  feed({ kind: 'begin' });
  for (let answered = 0; state.activity.kind !== 'ended'; answered += 1) {
    if (answered === options.interruptAfter) feed({ kind: 'interrupt' });
    const [effect] = pending.splice(options.pick?.(pending) ?? 0, 1);
    if (effect === undefined) throw new Error(`stuck in ${state.activity.kind}`);
    const input = answer(effect, options.script?.(effect, state) ?? 'ok', state);
    const reading = effect.kind === 'finish' ? options.reading?.(effect.host) : undefined;
    feed(input.kind === 'finished' && reading !== undefined ? { ...input, reading } : input);
  }
  return { state, notices, effects, conclusion: conclude(state) };
}

/** The input in which an effect ends, as the host answers. */
export function answer(effect: Effect, how: Answer, state: RolloutState): InputFor<Effect> {
  if (effect.kind === 'wait') return { kind: ENDS_IN.wait };
  if (effect.kind === 'hook') {
    const { hook, turn, host } = effect;
    return { kind: ENDS_IN.hook, hook, turn, host, result: resultOf(host ?? BASTION, how) };
  }
  const { host, kind } = effect;
  switch (kind) {
    case 'confirm':
      return confirmedOf(effect, how);
    case 'claim':
    case 'stage':
    case 'prepare':
    case 'switch':
    case 'revert':
      return { kind: ENDS_IN[kind], host, result: resultOf(host, how) };
    case 'probe':
      return { kind: ENDS_IN[kind], host, reading: probeOf(host, how) };
    case 'finish':
      return { kind: ENDS_IN[kind], host, reading: finalOf(host, how, state) };
  }
}

const BASTION = asHostName('bastion');

type ConfirmEffect = Extract<Effect, { kind: 'confirm' }>;

/** A host that is confirmed has been probed too, where that was asked for. */
function confirmedOf({ host, probe }: ConfirmEffect, how: Answer): InputFor<ConfirmEffect> {
  const result = resultOf(host, how);
  const looked = probe === true && result.kind === 'ok';
  return { kind: ENDS_IN.confirm, host, result, ...(looked ? { probe: probeOf(host, how) } : {}) };
}

function resultOf(host: HostName, how: Answer): StepResult {
  if (how === 'ok') return { kind: 'ok' };
  const failure = failureOf(host);
  return how === 'untouched'
    ? { kind: 'failed', failure, untouched: true }
    : { kind: how, failure };
}

const failureOf = (host: HostName) => ({ code: 'step_failed', message: `${host} broke` }) as const;

function probeOf(host: HostName, how: Answer) {
  if (how === 'ok') return { kind: 'healthy' } as const;
  const kind = how === 'failed' ? ('unhealthy' as const) : ('unknown' as const);
  return { kind, failure: failureOf(host) };
}

/** The reading that agrees with what the run left, or none. */
function finalOf(host: HostName, how: Answer, state: RolloutState) {
  if (how !== 'ok') return { kind: 'unread', failure: failureOf(host) } as const;
  const { plan, stage } = hostOf(state, host);
  const current = stage === 'done' ? plan.to : plan.from;
  const unitsUp = stage === 'done' || plan.condition.kind === 'serving';
  const down = stage === 'down';
  return { kind: 'read', idle: !down, down, current, unitsUp } as const;
}

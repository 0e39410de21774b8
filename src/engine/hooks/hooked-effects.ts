import type { HostName } from '../../model/names.js';
import { hooksFor } from '../../model/runs/hooks/hook-turns.js';
import type { HookPoint } from '../../model/runs/hooks/hooks.js';
import { isFenced } from '../../rollout/fencing.js';
import { ENDS_IN, type InputFor, type StepResult } from '../../rollout/state/input.js';
import type { CallSubject } from '../run/calls/call-subject.js';
import type { HostEffect, HostEffectKind } from '../run/calls/effect-table.js';
import type { Hooks } from './hook-sequence.js';

/** Carries out what an effect is on its host, without hooks. */
export type Send = <K extends HostEffectKind>(
  effect: HostEffect<K>,
) => Promise<InputFor<HostEffect<K>>>;

export interface HookedEffect {
  readonly effect: HostEffect;
  readonly on: CallSubject;
  readonly signal: AbortSignal;
}

export type Hooked = (what: HookedEffect, send: Send) => Promise<InputFor<HostEffect>>;

/** Puts the hooks of a host around its effects. A veto before one keeps it from being sent. */
export function createHookedEffects(hooks: Hooks): Hooked {
  /** Hosts whose hooks of `before_activate` have begun, and that were not activated since. */
  const prepared = new Set<HostName>();
  /** Hosts whose hooks of `after_revert` run, without a rollback. */
  const undoing = new Map<HostName, Promise<unknown>>();
  return async ({ effect, on: { host, plan }, signal }, send) => {
    const name = effect.host;
    const run = (point: HookPoint): Promise<StepResult> => hooks.forHost(point, host, signal);
    // Not waited for: a failure is told at once, so that it can stop the run.
    const undo = (): void => {
      if (prepared.delete(name)) undoing.set(name, run('after_revert').catch(NEVER));
    };
    switch (effect.kind) {
      case 'stage': {
        const result = await run('before_stage');
        return result.kind === 'ok' ? send(effect) : { kind: ENDS_IN.stage, host: name, result };
      }
      case 'prepare': {
        if (hooksFor(plan, 'before_activate', host).length > 0) prepared.add(name);
        const veto = await run('before_activate');
        const result = veto.kind === 'ok' ? (await send(effect)).result : veto;
        if (isKnownToFail(result)) undo();
        return { kind: ENDS_IN.prepare, host: name, result };
      }
      case 'switch':
        return activate(await send(effect), { run, undo, over: () => prepared.delete(name) });
      case 'confirm': {
        const input = await send(effect);
        if (input.result.kind !== 'ok') return input;
        return { ...input, result: confirmed(await run('after_confirm')) };
      }
      case 'revert': {
        if (effect.mode === 'hold') return send(effect);
        await run('before_revert');
        const input = await send(effect);
        if (input.result.kind === 'ok') await run('after_revert');
        return input;
      }
      case 'finish':
        undo();
        await undoing.get(name);
        return send(effect);
      default:
        return send(effect);
    }
  };
}

/** The signal that ends a hook ends its effect too. */
const NEVER = (): undefined => undefined;

interface Around {
  readonly run: (point: HookPoint) => Promise<StepResult>;
  readonly undo: () => void;
  readonly over: () => void;
}

type Switched = InputFor<HostEffect<'switch'>>;

async function activate(input: Switched, { run, undo, over }: Around): Promise<Switched> {
  const { result } = input;
  if (result.kind === 'failed' && result.untouched === true) undo();
  over();
  return result.kind === 'ok' ? { ...input, result: await run('after_activate') } : input;
}

/** Known to have failed, and still this run's to put right. */
const isKnownToFail = (result: StepResult): boolean =>
  result.kind === 'failed' && !isFenced(result.failure);

/** The host is confirmed, whatever its hooks say after that; they may stop the run. */
function confirmed(result: StepResult): StepResult {
  if (result.kind === 'ok') return result;
  if (isFenced(result.failure)) return result;
  const stop = result.kind === 'failed' ? result.stop : undefined;
  return { kind: 'ok', ...(stop === undefined ? {} : { stop }) };
}

import type { HostFailure } from '../../errors/host-failure.js';
import type { EventBus } from '../../events/bus.js';
import { hookStep } from '../../host/steps/hook-step.js';
import type { Clock } from '../../model/clock.js';
import { turnOf } from '../../model/runs/hooks/hook-turns.js';
import type { Plan } from '../../model/runs/plan.js';
import { isFenced } from '../../rollout/fencing.js';
import type { Caller } from '../run/calls/caller.js';
import { describeSteps, type HostCall } from '../run/calls/host-call.js';
import { LEASE_LOST, type Lease } from '../run/calls/lease.js';
import { type HookSubject, hookEnv } from './hook-env.js';
import { folderOf } from './hook-folder.js';
import type { LocalCommand, LocalEnd, RunLocal } from './local-command.js';
import { createOutputNotes } from './output-notes.js';
import { choicesFor } from './settle-hooks.js';

export interface HookRunnerOptions {
  readonly plan: Plan;
  readonly call: Caller;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly local: RunLocal;
  /** The trace that each hook is a part of: variables beside those of fleet. */
  readonly trace?: Readonly<Record<string, string>> | undefined;
  /** No hook of this machine begins once it is lost. */
  readonly lease?: Lease | undefined;
}

/**
 * How a run of a hook ended. `failed`: it ran, and it said no. `interrupted`: it began, and no one knows how far it
 * came. `lost`: its host did not answer. `refused`: it was not begun.
 */
export type HookEnd =
  | { readonly kind: 'ok' }
  | {
      readonly kind: 'failed' | 'interrupted' | 'lost' | 'refused';
      readonly failure: HostFailure;
    };

/** Runs one hook once. Its intent and its end are events, so the journal has both. */
export type RunHook = (subject: HookSubject, signal: AbortSignal) => Promise<HookEnd>;

/** A call to a host needs a while beside its hook, in milliseconds. */
const CALL_MS = 30_000;

export function createHookRunner(options: HookRunnerOptions): RunHook {
  const { plan, bus, clock } = options;
  return async (subject, signal) => {
    const { hook, host } = subject;
    const { key, attempt } = keyOf(plan, subject);
    const about = {
      key,
      hook: hook.id,
      name: hook.name,
      turn: hook.per === 'host' ? key : turnOf(hook, subject.wave ?? 0),
      attempt,
      host: host?.host.name ?? null,
    };
    signal.throwIfAborted();
    bus.emit({ type: 'hook-started', ...about, where: hook.where, wave: subject.wave });
    const began = clock.monotonicMs();
    const end = await (hook.where === 'host'
      ? onHost(options, { ...subject, key }, signal)
      : onBastion(options, subject, signal));
    const ms = Math.round(clock.monotonicMs() - began);
    const failure = end.kind === 'ok' ? null : end.failure;
    bus.emit({ type: 'hook-ended', ...about, ms, end: end.kind, ifFails: hook.ifFails, failure });
    signal.throwIfAborted();
    return end;
  };
}

/** A hook of a host belongs to its transaction; one of a wave or of the run is the same for every controller. */
function keyOf({ hooksBegun }: Plan, { hook, host, wave }: HookSubject) {
  if (hook.per === 'host') return { key: `${hook.id}.${host?.txn ?? ''}`, attempt: 1 };
  const turn = turnOf(hook, wave ?? 0);
  const attempt = hooksBegun.find((begun) => begun.turn === turn)?.attempt ?? 1;
  return { key: `${turn}.${attempt}`, attempt };
}

type OnHost = HookSubject & { readonly key: string };

async function onHost(
  options: HookRunnerOptions,
  subject: OnHost,
  signal: AbortSignal,
): Promise<HookEnd> {
  const { plan, call } = options;
  const outcome = await call(describeHookCall(options, subject), signal);
  if (outcome.kind === 'ok') return { kind: 'ok' };
  const failure = named(subject, outcome.failure);
  if (outcome.kind === 'lost') return { kind: 'lost', failure };
  switch (failure.code) {
    case 'hook_failed':
      return { kind: 'failed', failure };
    case 'hook_interrupted':
      return { kind: 'interrupted', failure: withChoices(plan, subject, failure) };
    default:
      return { kind: 'refused', failure };
  }
}

function describeHookCall({ plan, trace }: HookRunnerOptions, subject: OnHost): HostCall {
  const { hook, host, key } = subject;
  if (host === null) throw new Error(`hook ${hook.id} has no host`);
  const { epoch, txn } = host;
  const timeoutMs = hook.timeoutMs + CALL_MS;
  const on = {
    key,
    point: hook.point,
    work: hook.work,
    folder: folderOf(hook, host),
    timeoutMs: hook.timeoutMs,
    env: [...hookEnv(plan, subject), ...Object.entries(trace ?? {})],
  };
  return {
    kind: 'work',
    host: host.host.name,
    txn,
    steps: describeSteps(() => [hookStep({ epoch, run: plan.run, txn }, on)]),
    limits: { timeoutMs, patienceMs: timeoutMs },
    payload: null,
  };
}

async function onBastion(
  { plan, bus, local, lease, trace }: HookRunnerOptions,
  subject: HookSubject,
  signal: AbortSignal,
): Promise<HookEnd> {
  const { hook, host } = subject;
  if (lease?.held === false) return { kind: 'refused', failure: LEASE_LOST };
  const notes = createOutputNotes(bus, host?.host.name ?? null, hook.name);
  const command: LocalCommand = {
    command: hook.work.kind === 'command' ? hook.work.command : hook.work.path,
    folder: hook.folder ?? '/',
    env: [...hookEnv(plan, subject), ...Object.entries(trace ?? {})],
    timeoutMs: hook.timeoutMs,
    onLine: notes.hear,
  };
  const end = await local(command, signal);
  notes.end();
  return judgeLocal(subject, end, notes.last());
}

function judgeLocal(subject: HookSubject, end: LocalEnd, last: readonly string[]): HookEnd {
  const stderr = last.length === 0 ? {} : { stderr: last };
  const failed = (message: string): HookEnd => {
    const code = 'hook_failed' as const;
    return { kind: 'failed', failure: named(subject, { code, message, ...stderr }) };
  };
  switch (end.kind) {
    case 'exited':
      if (end.exit === 0) return { kind: 'ok' };
      return failed(typeof end.exit === 'number' ? `exit ${end.exit}` : end.exit);
    case 'timed-out':
      return failed(`not done after ${Math.round(subject.hook.timeoutMs / 1000)} s`);
    case 'not-started':
      return failed(`cannot be started: ${end.why}`);
    case 'ended': {
      const message = 'it was ended together with this fleet';
      const failure = named(subject, { code: 'hook_interrupted', message, ...stderr });
      return { kind: 'interrupted', failure };
    }
  }
}

/** A hook of one host runs again with that host; another one needs a person. */
function withChoices(
  { run }: Plan,
  { hook, wave }: HookSubject,
  failure: HostFailure,
): HostFailure {
  if (hook.per === 'host') return failure;
  const hint = `see what it has done, then: ${choicesFor(run, turnOf(hook, wave ?? 0))}`;
  return { ...failure, hint };
}

/** The failure with the name of its hook; a host that another run has keeps its own words. */
function named({ hook }: HookSubject, failure: HostFailure): HostFailure {
  if (isFenced(failure)) return failure;
  // Its step and exit code are those of the call, and say nothing of the hook.
  const { code, message, stderr, hint } = failure;
  return {
    code,
    message: `${hook.point} hook ${hook.name}: ${message}`,
    ...(stderr === undefined ? {} : { stderr }),
    ...(hint === undefined ? {} : { hint }),
  };
}

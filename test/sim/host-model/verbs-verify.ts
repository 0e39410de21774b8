import type { ErrorCode } from '../../../src/errors/codes.js';
import type { Identities, Identity } from './disk.js';
import { before, type Doing } from './pause.js';
import { type ProgramRun, StepRefusal } from './program.js';
import { unitsOf } from './service.js';
import type { Unit } from './unit.js';
import { identitiesOf } from './verbs-switch.js';

/** What a look found wrong; `final` where no waiting can help. */
export interface Miss {
  readonly code: ErrorCode;
  readonly message: string;
  readonly final: boolean;
}

/** What a look compares with. */
interface Expected {
  readonly serving: string | null;
  /** Processes that must be the same. */
  readonly same: Identities | null;
  /** Processes that must be gone after a restart. */
  readonly gone: Identities | null;
  /** What another tool made is judged by its units alone. */
  readonly probes: 'all' | 'units';
}

export function* verify(run: ProgramRun): Doing {
  yield* run.lock();
  run.ownTxn();
  const { phase } = run.state;
  if (phase !== 'restarted') {
    if (phase !== 'verified' && !run.isConfirmed()) throw run.wrongPhase(`phase ${phase}`);
    return run.succeed(true);
  }
  run.refuseRebooted();
  run.unlock();
  const miss = yield* watch(run, run.state.to);
  const baseline = identitiesOf(run);
  yield* run.lock();
  run.ownTxn();
  if (run.state.phase === 'verified' || run.isConfirmed()) return run.succeed(true);
  if (run.state.phase !== 'restarted') throw run.wrongPhase('the timer fired');
  if (miss !== null) {
    // For whoever goes back from it, should this controller not.
    run.append({ found: 'bad' });
    throw new StepRefusal(miss.code, miss.message);
  }
  yield* run.note({ phase: 'verified', baseline });
  run.succeed();
}

/** One look; an unhealthy answer is a reading, no failure. */
export function* probe(run: ProgramRun): Doing {
  run.readState();
  yield* before('look', 20);
  const same = run.state.baseline;
  const miss = look(run, { serving: run.disk.current, same, gone: null, probes: 'all' });
  const reason = miss?.message ?? 'healthy';
  run.emit({ event: 'probe', healthy: miss === null, reason });
  run.succeed();
  run.tell({ kind: 'probed', healthy: miss === null });
}

/** Null once every look passed for `min_healthy_ms`; a miss restarts that clock. */
export function* watch(
  run: ProgramRun,
  serving: string | null,
  probes: Expected['probes'] = 'all',
): Doing<Miss | null> {
  const now = (): number => run.host.scheduler.now;
  const minHealthyMs = run.args.number('min_healthy_ms');
  const poll = Math.min(1000, Math.max(200, Math.floor(minHealthyMs / 4)));
  const end = now() + run.args.number('deadline_ms');
  let since: number | null = null;
  let same: Identities | null = null;
  for (;;) {
    yield* before('look', 15);
    const looked = now();
    const miss = look(run, { serving, same, gone: run.state.before, probes });
    let wait = poll;
    if (miss === null) {
      since ??= looked;
      same = identitiesOf(run);
      if (now() - since >= minHealthyMs) return null;
      wait = Math.max(poll, since + minHealthyMs - now());
    } else {
      since = null;
      same = null;
      if (miss.final) return miss;
    }
    if (now() >= end) return miss ?? { ...NOT_LONG_ENOUGH };
    yield* before('sleep', wait);
  }
}

const NOT_LONG_ENOUGH: Miss = {
  code: 'unit_unhealthy',
  message: 'healthy, but not for long enough before the deadline',
  final: false,
};

function look(run: ProgramRun, expected: Expected): Miss | null {
  const units = unitsOf(run);
  if (units === null) return unhealthy('a unit is not there', true);
  for (const unit of units) {
    const miss = judgeUnit(run, unit, expected);
    if (miss !== null) return miss;
  }
  if (expected.probes === 'units') return null;
  const asks = ['http', 'tcp', 'command'].some((kind) => run.args.all(kind).length > 0);
  const passes = !run.host.sick && units.every((unit) => unit.well);
  if (!asks || passes) return null;
  return { code: 'probe_failed', message: 'the probe fails', final: false };
}

function judgeUnit(run: ProgramRun, unit: Unit, expected: Expected): Miss | null {
  if (unit.active === 'failed') return unhealthy(`${unit.name} failed`, true);
  if (unit.active === 'inactive') {
    return unhealthy(`${unit.name} is not running`, unit.policy === 'no');
  }
  if (unit.active !== 'active') return unhealthy(`${unit.name} is ${unit.active}`, false);
  const same = expected.same?.get(unit.name);
  if (same !== undefined) {
    if (same.restarts !== unit.restarts) return unhealthy('was restarted by systemd', false);
    if (!isProcess(unit, same)) return unhealthy('has another process', false);
  }
  if (run.host.broken.has('never-restarts')) return null;
  const restarts = ['restart', 'stop-start'].includes(run.args.text('action') ?? '');
  const gone = restarts ? expected.gone?.get(unit.name) : undefined;
  if (gone !== undefined && gone.pid !== 0 && isProcess(unit, gone)) {
    return unhealthy('still has the process from before the restart', false);
  }
  if (unit.serving === expected.serving) return null;
  return unhealthy(`still runs release ${unit.serving}`, false);
}

function isProcess(unit: Unit, { pid, invocation }: Identity): boolean {
  return unit.pid === pid && unit.invocation === invocation;
}

function unhealthy(message: string, final: boolean): Miss {
  return { code: 'unit_unhealthy', message, final };
}

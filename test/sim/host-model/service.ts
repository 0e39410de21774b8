import type { ErrorCode } from '../../../src/errors/codes.js';
import { before, type Doing } from './pause.js';
import { type ProgramRun, StepRefusal } from './program.js';
import type { Unit } from './unit.js';

/** No one comes to end a revert, so it waits only so long for systemctl. */
const LONGEST_ACTION_MS = 190_000;

/** The units of the step, or null where one is not there. */
export function unitsOf(run: ProgramRun): readonly Unit[] | null {
  const units: Unit[] = [];
  for (const name of run.args.all('unit')) {
    const unit = run.host.units.get(name);
    if (unit === undefined) return null;
    units.push(unit);
  }
  return units;
}

/** Restarts every unit from what `current` names; the first that does not start is a refusal. */
export function* actOnService(run: ProgramRun, code: ErrorCode): Doing {
  if (run.args.text('action') === 'none' || run.host.broken.has('never-restarts')) return;
  for (const unit of unitsOf(run) ?? []) {
    yield* before('stop', run.host.random.between(5, 100));
    run.host.stop(unit, run.actor);
    yield* startUnit(run, unit, code);
    run.emit({ event: 'restarted', unit: unit.name });
  }
}

function* startUnit(run: ProgramRun, unit: Unit, code: ErrorCode): Doing {
  const wanted = run.host.random.between(10, 400) + run.host.takeHang();
  const bounded = run.verb === 'revert' && wanted > LONGEST_ACTION_MS;
  yield* before('start', bounded ? LONGEST_ACTION_MS : wanted);
  unit.restarts = 0;
  if (!bounded && run.host.start(unit, run.actor)) return;
  throw new StepRefusal(code, `systemctl restart ${unit.name} exited 1`);
}

export function* stopService(run: ProgramRun): Doing {
  if (run.args.text('action') === 'none') return;
  for (const unit of unitsOf(run) ?? []) {
    yield* before('stop', run.host.random.between(5, 100));
    run.host.stop(unit, run.actor);
  }
}

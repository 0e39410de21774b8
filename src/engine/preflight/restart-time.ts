import type { UnitReading } from '../../host/protocol/protocol.js';
import type { App } from '../../model/runs/app.js';
import { formatDuration } from '../../model/text/duration.js';
import { parseSystemdSpan } from '../../model/text/systemd-span.js';

/** systemd's default for TimeoutStopSec=: it says nothing about this unit. */
const USUAL_STOP_MS = 90_000;

/**
 * Whether a restart ends before the automatic rollback timer fires. `may-be`: its settings allow it to
 * take longer, and its real duration is unknown. `longerThanMs`: the deadline must be longer than this;
 * null if no deadline is long enough.
 */
export type RestartTime =
  | { readonly kind: 'fits' }
  | { readonly kind: 'may-be'; readonly why: string }
  | {
      readonly kind: 'too-long';
      readonly unit: string;
      readonly why: string;
      readonly longerThanMs: number | null;
    };

/**
 * Judged by how long the last stop and start of the units took, as systemd recorded it, within what their
 * files allow now. For a unit that was not stopped since the boot, a limit above systemd's default was
 * set on purpose, so it counts; the default itself means nothing.
 */
export function restartTime(units: readonly UnitReading[], app: App): RestartTime {
  const { action } = app.service;
  const { deadMan, confirmDeadlineMs: deadline } = app.policy;
  if (deadMan === 'off' || (action !== 'restart' && action !== 'stop-start'))
    return { kind: 'fits' };
  const running = restartedUnits(units).filter(({ active }) => active === 'active');
  const slow = running.find(
    (unit) => limitOf(unit) > USUAL_STOP_MS && unit.stopTookMs === undefined,
  );
  if (slow !== undefined && limitOf(slow) >= deadline) {
    const limit = limitOf(slow);
    const longerThanMs = Number.isFinite(limit) ? limit : null;
    const why = `${slow.unit} may take ${slow.stopWithin} to stop (TimeoutStopSec=)`;
    return { kind: 'too-long', unit: slow.unit, why, longerThanMs };
  }
  const took = running.map((unit) => ({ unit, ms: expectedMs(unit) }));
  const total = took.reduce((sum, { ms }) => sum + ms, 0);
  if (total >= deadline) {
    const why = took
      .filter(({ ms }) => ms >= 1000)
      .map(({ unit, ms }) => `the last restart of ${unit.unit} took ${seconds(ms)}`)
      .join(', ');
    const longest = took.reduce((most, each) => (each.ms > most.ms ? each : most));
    return { kind: 'too-long', unit: longest.unit.unit, why, longerThanMs: wholeSeconds(total) };
  }
  const open = running.filter((unit) => limitOf(unit) >= deadline && unit.stopTookMs === undefined);
  if (open.length === 0) return { kind: 'fits' };
  const why = open
    .map(({ unit, stopWithin }) => `${unit} may take ${stopWithin} to stop`)
    .join(', ');
  return { kind: 'may-be', why };
}

type Restarted = Pick<
  UnitReading,
  | 'unit'
  | 'active'
  | 'stopWithin'
  | 'startWithin'
  | 'stopTookMs'
  | 'startTookMs'
  | 'changed'
  | 'killMode'
>;

/** All units that a restart of the app's units stops and starts, also those of a target. */
export function restartedUnits(units: readonly UnitReading[]): readonly Restarted[] {
  return units.flatMap((unit) =>
    unit.load === 'loaded' ? [unit, ...(unit.parts ?? []).filter((part) => part.restarted)] : [],
  );
}

const limitOf = ({ stopWithin }: Restarted): number =>
  stopWithin === undefined ? 0 : (parseSystemdSpan(stopWithin) ?? 0);

/** A limit that was lowered since the last stop ends the next one sooner. */
function expectedMs(unit: Restarted): number {
  const startLimit = unit.startWithin === undefined ? 0 : (parseSystemdSpan(unit.startWithin) ?? 0);
  return (
    Math.min(unit.stopTookMs ?? 0, limitOf(unit)) + Math.min(unit.startTookMs ?? 0, startLimit)
  );
}

const wholeSeconds = (ms: number): number => Math.ceil(ms / 1000) * 1000;
const seconds = (ms: number): string => formatDuration(wholeSeconds(ms));

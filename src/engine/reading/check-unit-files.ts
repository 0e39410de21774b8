import type { HostClients } from '../../host/clients.js';
import { readUnitChecks } from '../../host/reply/unit-files.js';
import { checkUnitsStep } from '../../host/steps/unit-file-step.js';
import type { RenderedUnits } from '../../model/releases/unit-file.js';
import type { App } from '../../model/runs/app.js';
import { hasUnitFiles } from '../plan/unit-files.js';
import type { HostReading } from './host-reading.js';

const TIMEOUT_MS = 60_000;
/** sshd passes a call as one argument of 128 KiB. Longer files are checked by the step that keeps them. */
const LONGEST = 64 * 1024;

export interface UnitCheckOptions {
  readonly app: Pick<App, 'service'>;
  readonly clients: HostClients;
  readonly limit: <T>(task: () => Promise<T>) => Promise<T>;
  readonly signal: AbortSignal;
}

/**
 * Has systemd on each host check the unit files that it would get, where they are not installed already:
 * systems differ in what they take. Nothing is installed. A host that cannot be asked keeps its reading: the run
 * asks it again before it keeps the files.
 */
export function checkUnitFiles(
  surveys: readonly HostReading[],
  units: RenderedUnits,
  options: UnitCheckOptions,
): Promise<readonly HostReading[]> {
  const { limit } = options;
  return Promise.all(
    surveys.map(async (reading) =>
      isToBeChecked(reading, units) ? limit(() => checked(reading, units, options)) : reading,
    ),
  );
}

type Read = Extract<HostReading, { kind: 'read' }>;

function isToBeChecked(reading: HostReading, units: RenderedUnits): reading is Read {
  if (reading.kind !== 'read') return false;
  const files = units.get(reading.host.name) ?? [];
  const bytes = files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  return !hasUnitFiles(reading.facts, files) && bytes <= LONGEST;
}

async function checked(
  reading: Read,
  units: RenderedUnits,
  { app, clients, signal }: UnitCheckOptions,
): Promise<HostReading> {
  signal.throwIfAborted();
  const { host, facts } = reading;
  const step = checkUnitsStep(app.service.scope, units.get(host.name) ?? []);
  const outcome = await clients.of(host.name).run([step], { timeoutMs: TIMEOUT_MS, signal });
  signal.throwIfAborted();
  if (outcome.kind !== 'ok') return reading;
  return { ...reading, facts: { ...facts, unitChecks: readUnitChecks(outcome.events) } };
}

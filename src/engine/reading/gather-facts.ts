import type { EventBus } from '../../events/bus.js';
import type { HostClients } from '../../host/clients.js';
import { readDrift } from '../../host/reply/drift.js';
import { readFacts } from '../../host/reply/facts.js';
import { type Glanced, glanceStep } from '../../host/steps/compare-step.js';
import { factsStep } from '../../host/steps/steps.js';
import type { Host } from '../../model/hosts/host.js';
import type { App } from '../../model/runs/app.js';
import { placeOf } from '../../transport/connect/failure.js';
import type { HostReading } from './host-reading.js';
import { markTwins } from './twins.js';

const FACTS_TIMEOUT_MS = 30_000;
const SIZES_TIMEOUT_MS = 600_000;

export interface GatherOptions {
  readonly app: App;
  readonly hosts: readonly Host[];
  readonly clients: HostClients;
  readonly bus: EventBus;
  readonly limit: <T>(task: () => Promise<T>) => Promise<T>;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Checks everything that may be wrong on a host. Slower. */
  readonly doctor?: boolean | undefined;
  /** Measures each release, which may take long. */
  readonly sizes?: boolean | undefined;
  /** Reads the backups too. */
  readonly backups?: boolean | undefined;
  /** Each host also glances at that release: a rollback to it then need not ask again. */
  readonly glanced?: Glanced | undefined;
  /** Reads the unit files that each release there has brought. */
  readonly kept?: boolean | undefined;
}

/**
 * Reads the facts of every host, also after some of them fail. Writes nothing on any host. Rejects only
 * when the signal aborts.
 */
export async function gatherFacts(options: GatherOptions): Promise<readonly HostReading[]> {
  const { hosts, bus, limit, signal } = options;
  bus.emit({ type: 'preflight-started', hosts: hosts.map((host) => host.name) });
  const reading = Promise.all(
    hosts.map((host) =>
      limit(async () => {
        signal.throwIfAborted();
        bus.emit({ type: 'preflight-asked', host: host.name });
        const surveyed = await surveyHost(host, options);
        signal.throwIfAborted();
        const failure = surveyed.kind === 'failed' ? surveyed.failure : null;
        bus.emit({ type: 'preflight-host', host: host.name, failure });
        return surveyed;
      }),
    ),
  );
  const read = reading.then((surveys) => markTwins(surveys, options));
  // Do not wait for a host that hangs: nothing was started on it.
  return Promise.race([read, abortion(signal)]);
}

function abortion(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

async function surveyHost(host: Host, options: GatherOptions): Promise<HostReading> {
  const { app, clients, signal, now, doctor = false, sizes = false } = options;
  const { backups = false, kept = false } = options;
  const client = clients.of(host.name);
  const step = factsStep(app.service, app.shared, {
    releases: true,
    tiers: doctor || app.policy.deadMan !== 'off',
    doctor,
    backups,
    sizes,
    kept,
  });
  const since = now();
  const timeoutMs = sizes ? SIZES_TIMEOUT_MS : FACTS_TIMEOUT_MS;
  const { glanced } = options;
  const steps = glanced === undefined ? [step] : [step, glanceStep(glanced)];
  const outcome = await client.run(steps, { timeoutMs, signal });
  if (outcome.kind !== 'ok') {
    return { kind: 'failed', host, failure: { ...outcome.failure, place: placeOf(host) } };
  }
  const facts = readFacts(outcome.events);
  if (facts !== null) {
    const reading = { since, until: now(), server: client.server ?? null };
    return { kind: 'read', host, facts, reading, drifts: readDrift(outcome.events) };
  }
  const message = 'the host program answered without facts';
  return { kind: 'failed', host, failure: { code: 'bad_reply', message, step: 'facts' } };
}

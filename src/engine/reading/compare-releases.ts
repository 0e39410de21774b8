import type { HostFailure } from '../../errors/host-failure.js';
import type { HostClients } from '../../host/clients.js';
import { readDrift } from '../../host/reply/drift.js';
import { type Compared, compareStep } from '../../host/steps/compare-step.js';
import type { Host } from '../../model/hosts/host.js';
import type { HostName } from '../../model/names.js';
import type { DriftCheck, ReleaseDrift } from '../../model/releases/drift.js';

/** Reading all contents of large releases takes minutes. */
const TIMEOUT_MS = 600_000;

export interface CompareOptions {
  readonly hosts: readonly Pick<Host, 'name'>[];
  readonly compared: Compared;
  readonly check: DriftCheck;
  readonly clients: HostClients;
  readonly limit: <T>(task: () => Promise<T>) => Promise<T>;
  readonly signal: AbortSignal;
}

/** What a host has found of its releases, or why it could not be asked. */
export type ComparedHost =
  | { readonly kind: 'read'; readonly host: HostName; readonly drifts: readonly ReleaseDrift[] }
  | { readonly kind: 'failed'; readonly host: HostName; readonly failure: HostFailure };

/** Every host compares its releases with their manifests; nothing is written. Rejects only when interrupted. */
export function compareReleases(options: CompareOptions): Promise<readonly ComparedHost[]> {
  const { hosts, compared, check, clients, limit, signal } = options;
  const step = compareStep(compared, check);
  return Promise.all(
    hosts.map(({ name: host }) =>
      limit(async (): Promise<ComparedHost> => {
        signal.throwIfAborted();
        const outcome = await clients.of(host).run([step], { timeoutMs: TIMEOUT_MS, signal });
        signal.throwIfAborted();
        return outcome.kind === 'ok'
          ? { kind: 'read', host, drifts: readDrift(outcome.events) }
          : { kind: 'failed', host, failure: outcome.failure };
      }),
    ),
  );
}

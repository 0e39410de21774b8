import type { App } from '../model/app.js';
import type { Release } from '../model/release.js';
import { type HostComplaint, type Reached, type ReadHost, refusal, twinFailures } from './admit.js';
import { hasRelease } from './held.js';
import { judgeFacts } from './preflight.js';

export interface Requirements {
  readonly app: App;
  /** What is to be sent where it is not there; none for a rollback. */
  readonly release?: Release;
  /** Bytes on disk that archive and unpacked release take where it must be sent. */
  readonly diskBytes: number;
}

/**
 * Throws the refusal of a run where any host cannot take part in it, or was not read and may not be
 * skipped: every finding of every host.
 */
export function refuseUnfit(reached: Reached, needs: Requirements): void {
  const { hosts, skipped, missing } = reached;
  const complaints = [...missing, ...hosts.flatMap((read) => complaintOf(read, needs))];
  const asked = hosts.length + skipped.length + missing.length;
  if (complaints.length > 0) throw refusal(complaints, asked);
}

function complaintOf(read: ReadHost, needs: Requirements): readonly HostComplaint[] {
  const { host, facts } = read;
  const { app, release } = needs;
  const isThere = release !== undefined && hasRelease(facts, release);
  const failures = [
    ...twinFailures(read),
    ...judgeFacts(host, facts, { app, diskBytes: isThere ? 0 : needs.diskBytes }),
  ];
  return failures.length === 0 ? [] : [{ host: host.name, failures }];
}

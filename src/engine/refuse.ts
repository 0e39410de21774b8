import type { App } from '../model/app.js';
import type { Release } from '../model/release.js';
import { type HostComplaint, type ReadHost, refusal } from './admit.js';
import { hasRelease } from './held.js';
import { judgeFacts } from './preflight.js';

export interface Requirements {
  readonly app: App;
  readonly release: Release;
  /** Bytes on disk that archive and unpacked release take where it must be sent. */
  readonly diskBytes: number;
}

/** Throws the refusal of a run where any host can not take part in it; every finding is named. */
export function refuseUnfit(hosts: readonly ReadHost[], needs: Requirements): void {
  const complaints = hosts.flatMap(({ host, facts }): readonly HostComplaint[] => {
    const diskBytes = hasRelease(facts, needs.release) ? 0 : needs.diskBytes;
    const failures = judgeFacts(host, facts, { app: needs.app, diskBytes });
    return failures.length === 0 ? [] : [{ host: host.name, failures }];
  });
  if (complaints.length > 0) throw refusal(complaints);
}

import type { ConnectionCount } from '../proxy/relay.js';
import { countAt } from '../proxy/round-trips.js';
import { median } from '../report/median.js';

/** What the connections of one run come to, at the middle host. */
export interface PerHost {
  /** Of all its connections, as if each waited for the one before. */
  readonly roundTrips: number;
  readonly connections: number;
}

export function perHost(counts: readonly ConnectionCount[]): PerHost {
  const hosts = [...new Set(counts.map(({ to }) => to))].map((host) =>
    counts.filter(({ to }) => to === host),
  );
  const sums = hosts.map((own) => own.reduce((sum, each) => sum + totalOf(each), 0));
  return { roundTrips: median(sums), connections: median(hosts.map((own) => own.length)) };
}

function totalOf({ roundTrips }: ConnectionCount): number {
  return countAt(roundTrips, Number.POSITIVE_INFINITY);
}

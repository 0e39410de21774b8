import type { AdoptResult } from '../../engine/adopt/adopt-hosts.js';
import {
  type AdoptionReading,
  type HostAdopted,
  type HostAdoption,
  hasWork,
} from '../../engine/adopt/adoption.js';
import { EXIT, exitCodeOf } from '../../errors/codes.js';
import { compareShares } from '../../model/adopt/compare-shares.js';
import type { AdoptReport, AdoptRow } from '../../ui/reports/adopt/rows.js';
import type { Target } from '../context/workspace.js';

/** The report of an adoption; without a result, what it would do. */
export function adoptReport(
  { app, group }: Target,
  readings: readonly AdoptionReading[],
  result: AdoptResult | null,
): AdoptReport {
  const ready = readings.filter((each) => each.kind === 'ready');
  const done = new Map(result?.hosts.map((each) => [each.host, each]));
  const digests = [...(result?.digests ?? [])];
  return {
    app: app.name,
    group,
    dryRun: false,
    hosts: readings.map((each) => rowOf(each, done.get(each.host.name))),
    shared: compareShares(
      ready.flatMap(({ shares }) => shares),
      app.shared,
    ),
    differing: digests.filter(([, { differs }]) => differs).map(([id]) => id),
  };
}

function rowOf(reading: AdoptionReading, done: HostAdopted | undefined): AdoptRow {
  const host = reading.host.name;
  if (reading.kind === 'refused') {
    const { failure: error } = reading;
    const state = exitCodeOf(error.code) === EXIT.preflight ? 'unreachable' : 'refused';
    return { host, state, tool: null, relink: false, releases: [], left: [], error };
  }
  const { tool, relink, releases, left } = reading;
  return {
    host,
    state: done?.state ?? plannedState(reading),
    tool,
    relink: relink && done?.state !== 'failed',
    releases: releases.map((release) => ({
      id: release.id,
      name: release.name,
      commit: release.commit,
      deployedAt: release.isTimeKnown ? release.deployedAt : null,
      deployer: release.by,
      state: release.standing,
      current: release.current,
      known: release.adopted,
      digest: done?.digests.get(release.id) ?? null,
    })),
    left: left.map(({ name, why }) => ({ name, reason: why })),
    error: done?.failure ?? null,
  };
}

const plannedState = (adoption: HostAdoption): AdoptRow['state'] =>
  hasWork(adoption) ? 'planned' : 'unchanged';

import type { HostName } from '../../model/names.js';
import { type HostRun, nameOf } from '../state/host-run.js';
import type { RolloutState } from '../state/state.js';

/** What a gate finds: every host activated so far, probed again now. */
export type GateVerdict =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'pass' }
  | { readonly kind: 'fail'; readonly hosts: readonly HostName[] }
  | { readonly kind: 'inconclusive'; readonly missing: readonly HostName[] };

/** The hosts that a gate probes: all that this run has activated the release on. */
export function gateHosts(state: RolloutState): readonly HostRun[] {
  return [...state.hosts].filter((host) => host.stage === 'done');
}

/** Judged once all have answered. A failing host outweighs missing data; no data is never a pass. */
export function judgeGate(state: RolloutState): GateVerdict {
  if (state.hosts.count('unprobed') > 0) return { kind: 'waiting' };
  const hosts = gateHosts(state);
  const failing = hosts.filter((host) => host.probe?.kind === 'unhealthy');
  if (failing.length > 0) return { kind: 'fail', hosts: failing.map(nameOf) };
  const missing = hosts.filter((host) => host.probe?.kind !== 'healthy');
  if (missing.length > 0) return { kind: 'inconclusive', missing: missing.map(nameOf) };
  return { kind: 'pass' };
}

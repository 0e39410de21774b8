import type { OnFailure } from '../../model/runs/policy.js';
import type { StopReason } from '../../model/runs/run.js';
import type { RolloutState } from '../state/state.js';
import type { Candidates } from './budget.js';

/** The policy for a reason to stop. An interrupt or a refused claim rolls back only failed hosts. */
export function policyFor(state: RolloutState, reason: StopReason): OnFailure {
  switch (reason.kind) {
    case 'tripped':
    case 'gate-failed':
    case 'no-budget':
    case 'hook-failed':
      return state.plan.app.policy.onFailure;
    case 'gate-inconclusive':
      return state.plan.app.policy.onInconclusive.otherwise;
    case 'interrupted':
    case 'claim-refused':
    case 'fenced':
      return 'rollback-host';
  }
}

/** What happens to a host whose activation failed, at once and under every policy. */
export function decideFailed(state: RolloutState): 'back' | 'hold' {
  return state.plan.app.policy.onFailure === 'hold' ? 'hold' : 'back';
}

/**
 * The hosts on the new release that the stop rolls back. Hosts whose own activation failed are
 * settled already. A host that failed a gate is on the new release and is rolled back too, unless
 * the policy is to hold.
 */
export function hostsToUndo(state: RolloutState, reason: StopReason): Candidates {
  const free = state.hosts.where('undoableFree');
  switch (policyFor(state, reason)) {
    case 'hold':
      return { free: [], serving: [] };
    case 'rollback-host':
      return { free, serving: [] };
    case 'rollback-wave': {
      const wave = 'wave' in reason ? reason.wave : -1;
      return { free, serving: state.hosts.where('undoableServing', wave) };
    }
    case 'rollback-run':
      return { free, serving: state.hosts.where('undoableServing') };
  }
}

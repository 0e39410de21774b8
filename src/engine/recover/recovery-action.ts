import type { HostState } from '../../host/protocol/protocol.js';

/**
 * What settles a host that a run has left unfinished:
 * - `release`: nothing was activated, or the activation was confirmed: only the claim is given up
 * - `revert`: an activation is open: the host rolls back to its recorded `from`, then its claim is given up
 */
export type RecoveryAction = 'none' | 'release' | 'revert';

/** By the phase in the host's own state, which outranks every memory of the run. */
export function recoveryActionFor(state: Pick<HostState, 'phase' | 'run'>): RecoveryAction {
  switch (state.phase) {
    case 'armed':
    case 'linked':
    case 'restarted':
    case 'verified':
    case 'reverting':
      return 'revert';
    case 'idle':
    case 'claimed':
    case 'staged':
    case 'down':
      return state.run === null ? 'none' : 'release';
  }
}

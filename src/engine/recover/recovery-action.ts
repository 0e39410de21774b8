import type { HostState } from '../../host/protocol/protocol.js';

/**
 * What brings a host that a run has left behind to a decided state:
 * - `release`: nothing was switched, or the switch was confirmed: only the claim is given back
 * - `revert`: a switch is open: the host goes back to its recorded `from`, then gives its claim back
 */
export type Remedy = 'none' | 'release' | 'revert';

/** By the phase that the host's own state is in; it outranks every memory of the run. */
export function remedyFor(state: Pick<HostState, 'phase' | 'run'>): Remedy {
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

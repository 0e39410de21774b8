import { advancePhase } from './advance.js';
import { applyInput } from './apply-input.js';
import type { RunInput } from './state/input.js';
import type { RolloutState } from './state/state.js';
import { type Transition, TransitionBuilder } from './state/transition.js';

/**
 * The state machine of a run: pure, so that a simulation can drive it through every order of
 * events. Each effect it asks for is answered by one input. The order of things:
 * claiming → staging → wave k (activating, baking, gate) → finalizing → ended, or from anywhere
 * stopping → rolling-back → finalizing.
 *
 * An input is first recorded on the host that it is about; then the run advances as far as it can.
 */
export function advance(state: RolloutState, input: RunInput): Transition {
  const turn = new TransitionBuilder(state);
  applyInput(turn, input);
  let before: RolloutState['activity'];
  do {
    before = turn.state.activity;
    advancePhase(turn);
  } while (turn.state.activity !== before);
  return turn.step;
}

import type { HostFailure } from '../errors/host-failure.js';
import type { HostPhase, StepReply } from './protocol/protocol.js';
import type { HostEvent } from './reply/reply.js';

/**
 * How one call of the host program ended.
 * - `ok`: every step succeeded; one reply a step, in order
 * - `failed`: a step failed, or nothing was sent; `phase` is the host's, if it told
 * - `lost`: it is unknown what the host has done; only the same transaction may be sent again
 */
export type StepOutcome =
  | {
      readonly kind: 'ok';
      readonly events: readonly HostEvent[];
      readonly replies: readonly StepReply[];
    }
  | {
      readonly kind: 'failed';
      readonly failure: HostFailure;
      readonly events: readonly HostEvent[];
      /** Replies of the earlier steps, and of the failed one if it gave one. */
      readonly replies: readonly StepReply[];
      readonly phase?: HostPhase | undefined;
    }
  | {
      readonly kind: 'lost';
      readonly failure: HostFailure;
      /** True if asking again would bring the same answer. */
      readonly final?: boolean | undefined;
      readonly events: readonly HostEvent[];
      readonly replies: readonly StepReply[];
    };

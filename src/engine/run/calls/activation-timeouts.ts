import type { Watch } from '../../../host/steps/watch-args.js';
import type { App } from '../../../model/runs/app.js';
import type { CallLimits } from './host-call.js';

/** systemd gives a unit 90 s to start and as long to stop; a step waits for both. Milliseconds. */
const SERVICE_CALL_MS = 200_000;
/** What the dead-man timer's own rollback takes, without the time to become healthy. Milliseconds. */
const WAY_BACK_MS = 15_000;

/** How a service is watched after its restart, as the app's policy says. */
export function watchOf({ service, probes, policy }: App): Watch {
  const { minHealthyMs, healthyDeadlineMs } = policy;
  return { service, probes, minHealthyMs, healthyDeadlineMs };
}

/**
 * How long a call that restarts and watches a service may take, and for how long it is repeated:
 * until the dead-man timer has settled a host that does not answer.
 */
export function watchedCall({ policy }: App): CallLimits {
  return {
    timeoutMs: policy.healthyDeadlineMs + SERVICE_CALL_MS,
    patienceMs: policy.confirmDeadlineMs + policy.healthyDeadlineMs + WAY_BACK_MS,
  };
}

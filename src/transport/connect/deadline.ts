import { startDeadline } from '../../async/deadline.js';
import type { HostFailure } from '../../errors/host-failure.js';
import type { Endpoint } from '../../model/hosts/host.js';
import { type ConnectStage, INTERRUPTED, timeoutFailure } from './failure.js';

/** Tells a connection attempt when to end, and hears how far it got. */
export interface ConnectAttempt {
  readonly onStage: (stage: ConnectStage) => void;
  /** Aborted with the caller's signal, and when the time is up. */
  readonly signal: AbortSignal;
}

/**
 * Does `connect`, with all its tries, within the connect timeout of the endpoint. `cut` is why it was ended:
 * the timeout, or the caller's signal; null if it ended without either.
 */
export async function withinConnectTimeout<End>(
  host: Endpoint,
  signal: AbortSignal,
  connect: (attempt: ConnectAttempt) => Promise<End>,
): Promise<{ readonly end: End; readonly cut: HostFailure | null }> {
  const stop = new AbortController();
  let stage: ConnectStage = 'dialling';
  const onStage = (next: ConnectStage) => {
    stage = next;
  };
  const interrupt = () => stop.abort();
  const deadline = startDeadline(host.ssh.connectTimeoutMs, interrupt);
  signal.addEventListener('abort', interrupt, { once: true });
  if (signal.aborted) interrupt();
  try {
    const end = await connect({ onStage, signal: stop.signal });
    if (!stop.signal.aborted) return { end, cut: null };
    return { end, cut: signal.aborted ? INTERRUPTED : timeoutFailure(host, stage) };
  } finally {
    deadline.stop();
    signal.removeEventListener('abort', interrupt);
  }
}

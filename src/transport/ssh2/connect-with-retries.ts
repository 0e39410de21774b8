import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoopShare } from '../../async/loop-share.js';
import { printableLine } from '../../errors/printable.js';
import type { Endpoint } from '../../model/hosts/host.js';
import { withinConnectTimeout } from '../connect/deadline.js';
import type { ConnectStage } from '../connect/failure.js';
import type { Offer } from '../keys/credentials.js';
import type { HostKeyCheck } from '../known-hosts/check.js';
import { type HandshakeEnd, shakeHands } from './handshake.js';
import type { Way } from './route.js';

export interface Reach {
  readonly host: Endpoint;
  readonly way: Way;
  readonly offer: Offer;
  readonly hostKey: () => HostKeyCheck;
  readonly share: LoopShare;
  readonly log: (message: string) => void;
  readonly trace?: ((message: string) => void) | undefined;
  /** From 0 up to 1; spreads the further tries. */
  readonly random: () => number;
  readonly signal: AbortSignal;
}

export type ReachEnd =
  | (Extract<HandshakeEnd, { kind: 'ready' }> & { readonly socket: Duplex })
  | Extract<HandshakeEnd, { kind: 'failed' }>;

/**
 * Dials one host and shakes hands. If a server hangs up before authentication, e.g. over MaxStartups, it is
 * tried again after growing pauses. All tries share one timeout.
 */
export async function reach(input: Reach): Promise<ReachEnd> {
  const { host, signal } = input;
  const { end, cut } = await withinConnectTimeout(host, signal, (attempt) =>
    attempts(input, attempt.onStage, attempt.signal),
  );
  if (end.kind === 'ready' || cut === null) return end;
  // The server's own words matter more than the timeout that came after.
  if (end.again && !signal.aborted) return end;
  return { kind: 'failed', failure: cut, again: false };
}

async function attempts(
  input: Reach,
  onStage: (stage: ConnectStage) => void,
  signal: AbortSignal,
): Promise<ReachEnd> {
  let end = await attempt(input, onStage, signal);
  for (let again = 0; again < MORE_TRIES; again += 1) {
    if (end.kind === 'ready' || !end.again || signal.aborted) return end;
    const pause = RETRY_MS * 2 ** again * (0.5 + input.random());
    input.log(`${end.failure.message}; trying again`);
    await sleep(pause, undefined, { signal }).catch(() => {});
    if (signal.aborted) return end;
    end = await attempt(input, onStage, signal);
  }
  return end;
}

async function attempt(
  { host, way, offer, hostKey, share, log, trace }: Reach,
  onStage: (stage: ConnectStage) => void,
  signal: AbortSignal,
): Promise<ReachEnd> {
  onStage('dialling');
  const dialled = await way.dial(host, signal);
  if (dialled.kind === 'failed') return dialled;
  const { socket } = dialled;
  onStage('greeting');
  const end = await shakeHands({
    host,
    socket,
    offer,
    hostKey: hostKey(),
    share,
    onStage,
    log,
    trace: trace && ((message) => trace(printableLine(message))),
    signal,
  });
  if (end.kind === 'ready') return { ...end, socket };
  const fault = way.fault();
  return fault === null ? end : { kind: 'failed', failure: fault, again: false };
}

const RETRY_MS = 400;
const MORE_TRIES = 3;

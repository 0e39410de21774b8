import { setTimeout as sleep } from 'node:timers/promises';
import type { HostFailure } from '../../errors/host-failure.js';
import type { Endpoint } from '../../model/hosts/host.js';
import { withinConnectTimeout } from '../connect/deadline.js';
import { INTERRUPTED } from '../connect/failure.js';
import { type MasterRequest, type OpensshMaster, startMaster } from './master.js';

export interface OpensshLoginRequest extends Omit<MasterRequest, 'onStage'> {
  readonly log?: ((host: Endpoint, message: string) => void) | undefined;
  /** From 0 up to 1; spreads the second tries. */
  readonly random: () => number;
}

export type OpensshLogin =
  | { readonly kind: 'ready'; readonly master: OpensshMaster }
  | { readonly kind: 'failed'; readonly failure: HostFailure };

/**
 * Logs in to one endpoint within its connect timeout, which both tries share. Throws a FleetError as
 * {@link startMaster} does.
 */
export async function logInByOpenssh(request: OpensshLoginRequest): Promise<OpensshLogin> {
  const { host, signal } = request;
  const { end, cut } = await withinConnectTimeout(host, signal, (attempt) =>
    tryTwice({ ...request, ...attempt }),
  );
  if (end.kind === 'ready') return end;
  if (end.kind === 'failed' && cut === null) return { kind: 'failed', failure: end.failure };
  return { kind: 'failed', failure: cut ?? INTERRUPTED };
}

async function tryTwice(
  request: OpensshLoginRequest & MasterRequest,
): ReturnType<typeof startMaster> {
  const { host, log, random, signal } = request;
  const first = await startMaster(request);
  if (first.kind !== 'failed' || !first.again || signal.aborted) return first;
  log?.(host, `${first.failure.message}; trying once more`);
  await sleep(RETRY_MS * (0.5 + random()), undefined, { signal }).catch(() => {});
  return signal.aborted ? first : startMaster(request);
}

const RETRY_MS = 400;

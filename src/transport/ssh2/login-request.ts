import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { createLoopShare } from '../../async/loop-share.js';
import type { HostFailure } from '../../errors/host-failure.js';
import { printableLine } from '../../errors/printable.js';
import { reasonOf } from '../../errors/reason.js';
import type { Endpoint } from '../../model/hosts/host.js';
import { INTERRUPTED } from '../connect/failure.js';
import { createCredentials, type Offer } from '../keys/credentials.js';
import type { PassphraseSource } from '../keys/identity.js';
import { createHostKeyCheck, type HostKeyCheck, recordedPlace } from '../known-hosts/check.js';
import { createRevokedKeysStore } from '../known-hosts/revoked-keys.js';
import { createKnownHostsSearch } from '../known-hosts/search.js';
import { createKnownHostsStore } from '../known-hosts/store.js';
import type { Connection } from '../port.js';
import { reach } from './connect-with-retries.js';
import { createSsh2Connection } from './connection.js';
import type { Way } from './route.js';

export interface Ssh2LoginOptions extends PassphraseSource {
  /** One line about one host, for `-vv`. Free of control characters. */
  readonly log?: ((host: Endpoint, message: string) => void) | undefined;
  /** ssh2's own protocol log, for `-vvv`: hundreds of lines a host. */
  readonly trace?: ((host: Endpoint, message: string) => void) | undefined;
  /** From 0 up to 1; spreads the further tries, which are not spread without it. */
  readonly random?: (() => number) | undefined;
}

const unspread = (): number => 0.5;

export interface LoginRequest {
  readonly host: Endpoint;
  readonly way: Way;
  readonly signal: AbortSignal;
  readonly onEnded: (connection: Connection) => void;
  /** Other hosts wait for this one. */
  readonly urgent: boolean;
}

export type LoginEnd =
  | {
      readonly kind: 'logged-in';
      readonly client: Client;
      readonly socket: Duplex;
      readonly connection: Connection;
    }
  | { readonly kind: 'failed'; readonly failure: HostFailure };

/** Logs in to hosts and jump hosts alike: first the keys, then a turn on the route, then the host. */
export function createSsh2Login(
  options: Ssh2LoginOptions,
): (request: LoginRequest) => Promise<LoginEnd> {
  const prepare = createPreparation(options);
  const share = createLoopShare(HANDSHAKES_SHARE_MS);
  return async ({ host, way, signal, onEnded, urgent }) => {
    const prepared = await prepare(host, signal);
    if ('code' in prepared) return failed(prepared);
    const turn = await way.limit.take(signal, urgent);
    if (turn === null) return failed(INTERRUPTED);
    const say = options.log;
    const log = (message: string) => say?.(host, printableLine(message));
    const tell = options.trace;
    const trace = tell && ((message: string) => tell(host, message));
    const random = options.random ?? unspread;
    try {
      const end = await reach({ host, way, ...prepared, share, log, trace, random, signal });
      if (end.kind === 'failed') return failed(end.failure);
      const connection = createSsh2Connection(end, (message) => {
        onEnded(connection);
        log(message);
      });
      if (!signal.aborted) return { ...end, kind: 'logged-in', connection };
      await connection.close();
      return failed(INTERRUPTED);
    } finally {
      turn();
    }
  };
}

interface Prepared {
  readonly offer: Offer;
  readonly hostKey: () => HostKeyCheck;
}

/** Everything that all tries share, and all questions to a person, before the timeout starts. */
function createPreparation(options: Ssh2LoginOptions) {
  const credentials = createCredentials(options);
  const knownHosts = createKnownHostsStore();
  const search = createKnownHostsSearch();
  const revoked = createRevokedKeysStore();
  return async (host: Endpoint, signal: AbortSignal): Promise<Prepared | HostFailure> => {
    const offered = await credentials.offerFor(host);
    if (offered.kind === 'failed') return offered.failure;
    for (const reason of offered.offer.leftOut) options.log?.(host, printableLine(reason));
    try {
      const known = await knownHosts.open(host.ssh.knownHosts);
      const gone = await revoked.open(host.ssh.revokedHostKeys);
      await search(known, recordedPlace(host), signal);
      const hostKey = () => createHostKeyCheck(host, { known, revoked: gone, store: knownHosts });
      return { offer: offered.offer, hostKey };
    } catch (error) {
      return unreadableKnownHosts(error);
    }
  };
}

function unreadableKnownHosts(error: unknown): HostFailure {
  const reason = reasonOf(error);
  return {
    code: 'host_key_unknown',
    message: printableLine(
      `no host key can be trusted, since a file with host keys cannot be read: ${reason}`,
    ),
    hint: 'Set `known_hosts`, and RevokedHostKeys of your ssh_config, to files that can be read.',
  };
}

function failed(failure: HostFailure): { readonly kind: 'failed'; readonly failure: HostFailure } {
  return { kind: 'failed', failure };
}

/** Heartbeats and other hosts' answers must not wait longer for the crypto of handshakes. */
const HANDSHAKES_SHARE_MS = 20;

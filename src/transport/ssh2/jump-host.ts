import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import type { HostFailure } from '../../errors/host-failure.js';
import { printableLine } from '../../errors/printable.js';
import type { Endpoint } from '../../model/hosts/host.js';
import { INTERRUPTED, placeOf, wordsOf } from '../connect/failure.js';
import type { HandshakeLimit } from '../connect/handshake-limit.js';
import { ForwardedStream } from './forwarded-stream.js';
import type { Dialled, Way } from './route.js';

export interface JumpHostOptions {
  readonly endpoint: Endpoint;
  /** Logged in. */
  readonly client: Client;
  readonly socket: Duplex;
  readonly limit: HandshakeLimit;
}

/** The route through one jump host: channels on the one connection to it. */
export function createJumpHost({ endpoint, client, socket, limit }: JumpHostOptions): Way {
  // Many hosts behind it may wait for the same socket to drain; that is no leak.
  setMaxListeners(0, socket);
  const lost = (): HostFailure => ({
    code: 'unreachable',
    message: throughText(endpoint, 'the connection was lost'),
    hint: 'The next attempt connects to it again.',
  });
  return {
    limit,
    fault: () => (socket.destroyed ? lost() : null),
    dial: (host, signal) =>
      new Promise((resolve) => {
        const fail = (failure: HostFailure) => resolve({ kind: 'failed', failure, again: false });
        const onAbort = () => fail(INTERRUPTED);
        const settle = (dialled: Dialled) => {
          signal.removeEventListener('abort', onAbort);
          resolve(dialled);
        };
        signal.addEventListener('abort', onAbort, { once: true });
        try {
          client.forwardOut('127.0.0.1', 0, host.address, host.ssh.port, (error, channel) => {
            if (error) {
              const failure = socket.destroyed ? lost() : refusal(endpoint, host, error);
              return settle({ kind: 'failed', failure, again: false });
            }
            if (signal.aborted) return channel.close();
            const stream = new ForwardedStream({
              channel,
              carrier: socket,
              through: printableLine(endpoint.name),
            });
            settle({ kind: 'open', socket: stream });
          });
        } catch {
          settle({ kind: 'failed', failure: lost(), again: false });
        }
      }),
  };
}

/** The jump host's own failure, as the hosts behind it report it. */
export function blameJumpHost(endpoint: Endpoint, failure: HostFailure): HostFailure {
  return { ...failure, message: throughText(endpoint, failure.message) };
}

/** The reasons of RFC 4254, 5.1. */
const PROHIBITED = 1;
const CONNECT_FAILED = 2;

function refusal(endpoint: Endpoint, host: Endpoint, error: Error): HostFailure {
  const reason = 'reason' in error ? error.reason : null;
  const said = wordsOf(error.message.replace(/^\(SSH\) Channel open failure: /, ''));
  const place = placeOf(host);
  switch (reason) {
    case PROHIBITED:
      return {
        code: 'forwarding_refused',
        message: throughText(endpoint, `refuses to forward to ${place}: ${said}`),
        hint: 'See AllowTcpForwarding and PermitOpen in its sshd_config, and `restrict` in authorized_keys.',
      };
    case CONNECT_FAILED:
      return {
        code: 'unreachable',
        message: throughText(endpoint, `cannot reach ${place}: ${said}`),
        hint: 'The name and the network are those of the jump host. Is sshd running behind it, on this port?',
      };
    default:
      return {
        code: 'unreachable',
        message: throughText(endpoint, `opened no channel to ${place}: ${said}`),
      };
  }
}

function throughText({ name }: Endpoint, text: string): string {
  return `jump host ${printableLine(name)}: ${text}`;
}

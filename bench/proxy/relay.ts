import { Socket } from 'node:net';
import { type DelayLineOptions, runDelayLine } from './delay-line.js';
import { type RoundTrip, RoundTripClock } from './round-trips.js';

/** Where to listen, or to connect to. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** What one connection was, when it is over. */
export interface ConnectionCount {
  /** The address that it led to. */
  readonly to: string;
  /** Bytes from the client to the server, and back. */
  readonly sent: number;
  readonly received: number;
  readonly roundTrips: readonly RoundTrip[];
}

/**
 * Relays one accepted connection over a line with a round-trip time; resolves when it is over.
 *
 * A server knows of a connection one and a half round trips after the client asked for it. This
 * machine's kernel has answered the client at once, so that time is made up for here: until then the
 * server is not connected to, and gets nothing.
 */
export function relay(client: Socket, to: Endpoint, rttMs: number): Promise<ConnectionCount> {
  const server = new Socket({ allowHalfOpen: true });
  const clock = new RoundTripClock(Date.now() + rttMs);
  const bytes = { sent: 0, received: 0 };
  const established = performance.now() + 1.5 * rttMs;
  const line = { delayMs: rttMs / 2, notBefore: established } satisfies Partial<DelayLineOptions>;
  client.setNoDelay();
  server.setNoDelay();
  runDelayLine({
    ...line,
    from: client,
    to: server,
    stamp: () => clock.clientStamp,
    arrived: (stamp, length) => {
      bytes.sent += length;
      clock.reachedServer(stamp);
    },
  });
  runDelayLine({
    ...line,
    from: server,
    to: client,
    stamp: () => clock.serverStamp,
    arrived: (stamp, length) => {
      bytes.received += length;
      clock.reachedClient(stamp, Date.now());
    },
  });
  afterMs(1.5 * rttMs, () => server.connect(to.port, to.address));
  return bothClosed(client, server).then(() => ({
    to: to.address,
    ...bytes,
    roundTrips: clock.log,
  }));
}

/** A side that breaks off takes the other with it. */
async function bothClosed(one: Socket, other: Socket): Promise<void> {
  const closed = (socket: Socket, peer: Socket): Promise<void> =>
    new Promise((resolve) => {
      socket.on('error', () => undefined);
      socket.once('close', (failed) => {
        if (failed) peer.resetAndDestroy();
        resolve();
      });
    });
  await Promise.all([closed(one, other), closed(other, one)]);
}

function afterMs(ms: number, action: () => void): void {
  if (ms > 0) setTimeout(action, ms);
  else action();
}

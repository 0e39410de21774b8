import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { Endpoint } from '../../src/model/hosts/host.js';
import { hasSshd, startSshd } from './support/real-sshd.js';
import { dialTcp, hostAt, startServer, transportFor } from './support/ssh-server.js';
import { Valve } from './support/valve.js';

const HOSTS = 40;
/** What one host may have under way in this process. */
const BOUND = 256 * 1024;
const PIECE = Buffer.alloc(128 * 1024, 'x');
const PIECES = 24;

test('uploads to many slow hosts at once hold little in memory, each', async () => {
  const { transport, valves } = stallable();
  const host = hostAt(await sinkServer());
  const { ends, most } = await uploadAll(transport, Array(HOSTS).fill(host), valves);
  expect(ends).toEqual(Array(HOSTS).fill(0));
  expect(valves).toHaveLength(HOSTS);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(BOUND);
}, 60_000);

test.skipIf(!hasSshd)(
  'and behind one jump host, where all share one slow connection',
  async () => {
    const { transport, valves } = stallable();
    const { host: jump } = await startSshd();
    const host = hostAt(await sinkServer(), { jump });
    const { ends, most } = await uploadAll(transport, Array(HOSTS).fill(host), valves);
    expect(ends).toEqual(Array(HOSTS).fill(0));
    expect(valves).toHaveLength(1);
    expect(most).toBeGreaterThan(0);
    // A packet of 32 KiB each; without a bound it would be the channel's window of 2 MiB.
    expect(most / HOSTS).toBeLessThan(64 * 1024);
  },
  60_000,
);

/** A transport whose every connection can be stalled. */
function stallable() {
  const valves: Valve[] = [];
  const transport = transportFor({
    async dial(host, signal) {
      const valve = new Valve(await dialTcp(host, signal));
      valves.push(valve);
      return valve;
    },
  });
  return { transport, valves };
}

type Transport = ReturnType<typeof transportFor>;

/** Connects to all, then uploads while nothing is read, and lets it through once all are stuck. `most`
 * is the most that one of the connections held. */
async function uploadAll(
  transport: Transport,
  hosts: readonly Endpoint[],
  valves: readonly Valve[],
): Promise<{ readonly ends: readonly unknown[]; readonly most: number }> {
  const outcomes = await Promise.all(hosts.map((host) => transport.connect(host)));
  const connections = outcomes.map((outcome) => {
    if (outcome.kind === 'failed') throw new Error(outcome.failure.message);
    return outcome.connection;
  });
  const gate = createGate(hosts.length, () => {
    for (const valve of valves) valve.stalled = true;
  });
  const running = connections.map((connection) =>
    connection.exec('x', { timeoutMs: 50_000, stdin: payload(gate) }),
  );
  await gate.opened;
  let most = 0;
  for (let turns = 0; turns < 500; turns += 1) {
    await new Promise(setImmediate);
    most = Math.max(most, ...valves.map((valve) => valve.writableLength));
  }
  for (const valve of valves) valve.open();
  const ends = await Promise.all(running);
  return { most, ends: ends.map((end) => (end.kind === 'exited' ? end.code : end)) };
}

/** Opens once all wait at it, and does something first. */
function createGate(number: number, before: () => void) {
  let waiting = 0;
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    opened,
    pass(): Promise<void> {
      waiting += 1;
      if (waiting === number) {
        before();
        open();
      }
      return opened;
    },
  };
}

/** Begins when all commands run: a stalled network would not let them start. */
function payload(gate: ReturnType<typeof createGate>): Readable {
  return Readable.from(
    (async function* () {
      await gate.pass();
      for (let sent = 0; sent < PIECES; sent += 1) yield PIECE;
    })(),
  );
}

/** A server that exits with 0 where it got all of the payload. */
async function sinkServer(): Promise<number> {
  const server = await startServer({
    onExec: (_command, channel) => {
      let got = 0;
      channel.on('data', (chunk: Buffer) => {
        got += chunk.length;
      });
      channel.on('end', () => {
        channel.exit(got === PIECES * PIECE.length ? 0 : 1);
        channel.end();
      });
    },
  });
  return server.port;
}

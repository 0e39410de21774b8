import { connect, type Socket } from 'node:net';
import pLimit from 'p-limit';
import type { Connection } from 'ssh2';
import { expect, test } from 'vitest';
import { hostAt, startServer, startTcp, transportFor } from '../transport/support/ssh-server.js';
import { onEncrypted } from './support/raw-ssh.js';

/**
 * Damaged handshakes. `FLEET_FUZZ=1400 npx vitest run --project fast test/security/handshake-fuzz`
 * tries more, FLEET_FUZZ_SEED others. What is thrown outside of a connection ends the test run.
 */
const CASES = Number(process.env.FLEET_FUZZ ?? 300);
const SEED = Number(process.env.FLEET_FUZZ_SEED ?? 1);
const AT_ONCE = 40;
const TIMEOUT_MS = 800;
/** For a machine that does other things too. */
const GRACE_MS = 2500;

type Damage = 'flip' | 'cut' | 'insert' | 'hang up';
const DAMAGES: readonly Damage[] = ['flip', 'cut', 'insert', 'hang up'];
/** A handshake and a login take the server about so many bytes. */
const SPOKEN_BYTES = 2200;

test(`${CASES} handshakes that the network damages each end, with a host’s own failure, in time`, async () => {
  const server = await startServer();
  const random = seeded(SEED);
  const plans = Array.from({ length: CASES }, (_, at) => ({
    damage: DAMAGES[at % DAMAGES.length] ?? 'flip',
    at: Math.floor(random() ** 2 * SPOKEN_BYTES),
    byte: 1 + Math.floor(random() * 255),
    length: 1 + Math.floor(random() * 64),
  }));
  const ports = await Promise.all(
    plans.map((plan) => startTcp((near) => relay(near, server.port, plan))),
  );
  const ends = await connectTo(ports);
  const lasted = ends.filter(({ ms }) => ms > TIMEOUT_MS + GRACE_MS);
  expect(lasted).toEqual([]);
  // The damage may come after the login, or in bytes that mean nothing.
  const failed = ends.filter(({ code }) => code !== null);
  expect(failed.length).toBeGreaterThan(CASES / 2);
  for (const { code } of failed) expect(code).toMatch(FAILURES);
}, 600_000);

test(`${CASES} messages that a server damages before it encrypts them harm no one`, async () => {
  const random = seeded(SEED + 1);
  const server = await startServer({
    onConnection: (connection) => damageMessages(connection, random),
    onAuth: (context) => (random() < 0.5 ? context.reject(['publickey']) : context.accept()),
  });
  const ends = await connectTo(new Array<number>(CASES).fill(server.port));
  expect(ends.filter(({ ms }) => ms > TIMEOUT_MS + GRACE_MS)).toEqual([]);
  const failed = ends.filter(({ code }) => code !== null);
  expect(failed.length).toBeGreaterThan(CASES / 4);
  for (const { code } of failed) expect(code).toMatch(FAILURES);
}, 600_000);

const FAILURES =
  /^(unreachable|connect_timeout|connection_lost|no_common_algorithm|host_key_(changed|unknown)|auth_failed)$/;

interface End {
  readonly ms: number;
  /** Of the failure; null for a login. */
  readonly code: string | null;
}

async function connectTo(ports: readonly number[]): Promise<readonly End[]> {
  const transport = transportFor({ random: () => 0, handshakes: AT_ONCE });
  const limit = pLimit(AT_ONCE);
  const visit = async (port: number): Promise<End> => {
    const host = hostAt(port, { connectTimeoutMs: TIMEOUT_MS });
    const started = performance.now();
    const outcome = await transport.connect(host);
    const ms = performance.now() - started;
    if (outcome.kind === 'failed') return { ms, code: outcome.failure.code };
    await outcome.connection.close();
    return { ms, code: null };
  };
  return Promise.all(ports.map((port) => limit(() => visit(port))));
}

interface Plan {
  readonly damage: Damage;
  /** After so many bytes of the server's. */
  readonly at: number;
  readonly byte: number;
  readonly length: number;
}

/** Passes on what is said, with one damage to what the server says. */
function relay(near: Socket, port: number, plan: Plan): void {
  const far = connect(port, '127.0.0.1');
  far.on('error', () => near.destroy());
  far.on('close', () => near.end());
  near.on('close', () => far.destroy());
  near.pipe(far);
  let passed = 0;
  far.on('data', (chunk: Buffer) => {
    const at = plan.at - passed;
    passed += chunk.length;
    if (at < 0 || at >= chunk.length) return near.write(chunk);
    near.write(damaged(chunk, at, plan));
    if (plan.damage === 'hang up') near.destroy();
  });
}

function damaged(chunk: Buffer, at: number, { damage, byte, length }: Plan): Buffer {
  const [before, after] = [chunk.subarray(0, at), chunk.subarray(at)];
  switch (damage) {
    case 'flip':
      return Buffer.concat([before, Buffer.of((chunk[at] ?? 0) ^ byte), after.subarray(1)]);
    case 'cut':
      return Buffer.concat([before, after.subarray(length)]);
    case 'insert':
      return Buffer.concat([before, Buffer.alloc(length, byte), after]);
    case 'hang up':
      return before;
  }
}

/** Has the server change bytes of what it sends once all is encrypted, so that no MAC tells. */
function damageMessages(connection: Connection, random: () => number): void {
  onEncrypted(connection, () => {
    const cipher = Reflect.get(connection, '_protocol')._cipher;
    const encrypt = cipher.encrypt.bind(cipher);
    cipher.encrypt = (bytes: Buffer) => {
      // Its length and that of its padding come first.
      const [start, end] = [5, 4 + bytes.readUInt32BE(0) - bytes.readUInt8(4)];
      const at = start + Math.floor(random() * (end - start));
      if (random() < 0.5 && at < bytes.length) bytes.writeUInt8(Math.floor(random() * 256), at);
      encrypt(bytes);
    };
  });
}

/** Marsaglia's xorshift of 32 bits, from 0 up to 1. */
function seeded(seed: number): () => number {
  let state = seed * 2654435761 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

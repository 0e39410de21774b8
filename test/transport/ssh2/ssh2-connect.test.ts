import { describe, expect, test } from 'vitest';
import {
  connected,
  dialTcp,
  hostAt,
  refused,
  startServer,
  startTcp,
  transportFor,
} from '../support/ssh-server.js';

describe('a connection', () => {
  test('is made with the first key that is right, without a probe or a question', async () => {
    const server = await startServer();
    const connection = await connected(hostAt(server.port));
    expect(connection.open).toBe(true);
    expect(server.tried).toEqual(['publickey']);
    await connection.close();
    expect(connection.open).toBe(false);
    await connection.close();
  });

  test('that waits for its turn is not counted against its timeout', async () => {
    const slow = await startTcp(() => {});
    const server = await startServer();
    const transport = transportFor({ handshakes: 1 });
    const [first, second] = await Promise.all([
      transport.connect(hostAt(slow, { connectTimeoutMs: 400 })),
      transport.connect(hostAt(server.port, { connectTimeoutMs: 350 })),
    ]);
    expect(first).toMatchObject({ kind: 'failed', failure: { code: 'connect_timeout' } });
    expect(second.kind).toBe('connected');
  });

  test('is not timed out by an event loop that was busy', async () => {
    const server = await startServer();
    const connecting = transportFor().connect(hostAt(server.port, { connectTimeoutMs: 400 }));
    await new Promise(setImmediate);
    const until = performance.now() + 600;
    while (performance.now() < until);
    expect((await connecting).kind).toBe('connected');
  });

  test('is given up when the signal aborts, before its turn and in its handshake', async () => {
    const hanging = await startTcp(() => controller.abort());
    const controller = new AbortController();
    const transport = transportFor({ handshakes: 1 });
    const outcomes = await Promise.all([
      transport.connect(hostAt(hanging), controller.signal),
      transport.connect(hostAt(hanging), controller.signal),
    ]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'interrupted' } });
    }
  });
});

describe('a server that', () => {
  test('is not there is unreachable', async () => {
    const port = await startTcp(() => {});
    const host = { ...hostAt(port), address: '127.0.0.2' };
    expect(await refused(host)).toMatchObject({
      code: 'unreachable',
      message: `127.0.0.2:${port} refuses connections`,
    });
  });

  test('has a name that does not resolve is unreachable', async () => {
    const host = { ...hostAt(22), address: 'nowhere.invalid' };
    expect(await refused(host)).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('nowhere.invalid'),
    });
  });

  test('hangs after accepting ends in a timeout', async () => {
    const port = await startTcp(() => {});
    expect(await refused(hostAt(port, { connectTimeoutMs: 200 }))).toMatchObject({
      code: 'connect_timeout',
      message: `127.0.0.1:${port} accepted the connection but said nothing within 0.2 s`,
    });
  });

  test('hangs after its banner ends in a timeout', async () => {
    const port = await startTcp((socket) => void socket.write('SSH-2.0-slow\r\n'));
    expect(await refused(hostAt(port, { connectTimeoutMs: 200 }))).toMatchObject({
      code: 'connect_timeout',
      message: expect.stringContaining('key exchange'),
    });
  });

  test('hangs in authentication ends in a timeout', async () => {
    const server = await startServer({ onAuth: () => {} });
    expect(await refused(hostAt(server.port, { connectTimeoutMs: 300 }))).toMatchObject({
      code: 'connect_timeout',
      message: expect.stringContaining('authentication'),
    });
  });

  test('hangs up during authentication is named, and is not tried again', async () => {
    const server = await startServer({ onAuth: (_context, connection) => connection.end() });
    expect(await refused(hostAt(server.port))).toMatchObject({
      code: 'connection_lost',
      message: expect.stringContaining('during authentication'),
    });
    expect(server.connections).toHaveLength(1);
  });

  test('hangs up because no one may log in yet is reported with its own words', async () => {
    const banner = 'System is booting up. \x1b[31mSee pam_nologin(8)\n';
    const server = await startServer({
      banner,
      onAuth: (_context, connection) => connection.end(),
    });
    expect(await refused(hostAt(server.port))).toMatchObject({
      code: 'connection_lost',
      message: `127.0.0.1:${server.port} ended the connection during authentication: System is booting up. See pam_nologin(8)`,
    });
    expect(server.connections).toHaveLength(1);
  });

  test('drops the first connection before its banner is tried again', async () => {
    const server = await startServer();
    let dials = 0;
    const dropping = await startTcp((socket) => socket.end('Exceeded MaxStartups\r\n'));
    const host = hostAt(server.port);
    const connection = await connected(host, {
      dial(dialled, signal) {
        dials += 1;
        const port = dials === 1 ? dropping : server.port;
        return dialTcp({ ...dialled, ssh: { ...dialled.ssh, port } }, signal);
      },
    });
    expect(connection.open).toBe(true);
    expect(dials).toBe(2);
  });

  test('keeps dropping them is reported with its own words, free of escapes', async () => {
    let dials = 0;
    const port = await startTcp((socket) => {
      dials += 1;
      socket.end('Not allowed \x1b[31mat this time\r\n');
    });
    expect(await refused(hostAt(port), { random: () => 0 })).toMatchObject({
      code: 'unreachable',
      message: `127.0.0.1:${port} ended the connection before authentication: Not allowed at this time`,
    });
    expect(dials).toBe(4);
  });

  test('is no SSH server at all is named within the timeout', async () => {
    const port = await startTcp((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await refused(hostAt(port))).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('HTTP/1.1 400'),
    });
  });
});

import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { connected, hostAt, type ServerOptions, startServer } from '../support/ssh-server.js';

async function connectionTo(onExec: NonNullable<ServerOptions['onExec']>, keepaliveMs = 15_000) {
  const server = await startServer({ onExec });
  return connected(hostAt(server.port, { keepaliveMs }));
}

const SOON = { timeoutMs: 5000 };

describe('a command', () => {
  test('that a signal killed is no success', async () => {
    const connection = await connectionTo((_command, channel) => {
      channel.stderr.write('last words');
      channel.exit('KILL' as never);
      channel.end();
    });
    expect(await connection.exec('x', SOON)).toEqual({
      kind: 'signalled',
      signal: 'SIGKILL',
      stdout: '',
      stderr: 'last words',
      truncated: false,
    });
  });

  test('that ends without an exit code is lost', async () => {
    const connection = await connectionTo((_command, channel) => channel.end('half'));
    expect(await connection.exec('x', SOON)).toMatchObject({ kind: 'lost', stdout: 'half' });
    expect(connection.open).toBe(true);
  });

  test('is lost when the connection drops in the middle, and so are later ones', async () => {
    const connection = await connectionTo((_command, channel, server) => {
      channel.write('half', () =>
        (server as unknown as { _sock: { destroy(): void } })._sock.destroy(),
      );
    });
    expect(await connection.exec('x', SOON)).toMatchObject({ kind: 'lost', stdout: 'half' });
    expect(connection.open).toBe(false);
    expect(await connection.exec('y', SOON)).toMatchObject({ kind: 'lost' });
  });

  test('is lost within three keepalive intervals when the server falls silent', async () => {
    const connection = await connectionTo((_command, _channel, server) => {
      (server as unknown as { _sock: { pause(): void } })._sock.pause();
    }, 50);
    const started = performance.now();
    expect(await connection.exec('x', SOON)).toMatchObject({
      kind: 'lost',
      message: expect.stringContaining('Keepalive'),
    });
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('has ended when its exit code came, though something holds on to its stdout', async () => {
    const connection = await connectionTo((_command, channel) => {
      channel.write('done\n');
      channel.exit(0);
    });
    expect(await connection.exec('x', { timeoutMs: 100 })).toMatchObject({
      kind: 'exited',
      code: 0,
      stdout: 'done\n',
    });
  });
});

describe('stdout', () => {
  test('comes line by line, whole characters and no carriage returns', async () => {
    const bytes = Buffer.from('Größe 🚀\r\nzwei\n\nlast');
    const connection = await connectionTo((_command, channel) => {
      const send = (at: number) => {
        channel.write(bytes.subarray(at, at + 1));
        if (at < bytes.length) return void setImmediate(send, at + 1);
        channel.exit(0);
        channel.end();
      };
      send(0);
    });
    const lines: string[] = [];
    await connection.exec('x', { ...SOON, onLine: (line) => lines.push(line) });
    expect(lines).toEqual(['Größe 🚀', 'zwei', '', 'last']);
  });

  test('keeps the first bytes of stdout and the last of stderr, and says that it left some out', async () => {
    const connection = await connectionTo((_command, channel) => {
      channel.write('0123456789');
      channel.stderr.write('abcdefghij');
      channel.exit(0);
      channel.end();
    });
    expect(await connection.exec('x', { ...SOON, keepBytes: 4 })).toEqual({
      kind: 'exited',
      code: 0,
      stdout: '0123',
      stderr: 'ghij',
      truncated: true,
    });
  });
});

describe('stdin', () => {
  test('left open when the command ends is fine', async () => {
    const connection = await connectionTo((_command, channel) => {
      channel.exit(7);
      channel.close();
    });
    const stdin = new Readable({ read() {} });
    stdin.push('unread');
    expect(await connection.exec('x', { ...SOON, stdin })).toMatchObject({
      kind: 'exited',
      code: 7,
    });
    expect(stdin.destroyed).toBe(true);
  });

  test('whose source breaks does not look like its end', async () => {
    let ended = false;
    const connection = await connectionTo((_command, channel) => {
      channel.resume();
      channel.on('end', () => {
        ended = true;
      });
    });
    const stdin = new Readable({
      read() {
        this.destroy(new Error('disk gone'));
      },
    });
    expect(await connection.exec('x', { ...SOON, stdin })).toMatchObject({
      kind: 'lost',
      message: 'stdin could not be sent: disk gone',
    });
    expect(ended).toBe(false);
  });

  test('waits for a slow reader instead of piling up here', async () => {
    let resume = () => {};
    let bytes = 0;
    const connection = await connectionTo((_command, channel, server) => {
      const socket = (server as unknown as { _sock: { pause(): void; resume(): void } })._sock;
      socket.pause();
      resume = () => socket.resume();
      channel.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      channel.on('end', () => {
        channel.exit(0);
        channel.end();
      });
    });
    const size = 40_000_000;
    let read = 0;
    let settledAt = -1;
    const stdin = new Readable({
      read() {
        const piece = Buffer.alloc(Math.min(65536, size - read));
        read += piece.length;
        this.push(piece.length === 0 ? null : piece);
      },
    });
    const outcome = connection.exec('x', { timeoutMs: 30_000, stdin });
    while (settledAt !== read) {
      settledAt = read;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    // What was read lies in the kernel's socket buffers, not in ours.
    expect(read).toBeLessThan(size / 2);
    resume();
    expect(await outcome).toMatchObject({ kind: 'exited', code: 0 });
    expect(bytes).toBe(size);
  }, 30_000);
});

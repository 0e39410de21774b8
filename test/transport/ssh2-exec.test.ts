import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { connected, hostAt, type ServerOptions, startServer } from './ssh-server.js';

async function connectionTo(onExec: NonNullable<ServerOptions['onExec']>, keepaliveMs = 15_000) {
  const server = await startServer({ onExec });
  return connected(hostAt(server.port, { keepaliveMs }));
}

const SOON = { timeoutMs: 5000 };

describe('a command', () => {
  test('ends with its exit code, stdout and stderr', async () => {
    const connection = await connectionTo((command, channel) => {
      channel.write(`ran ${command}\n`);
      channel.stderr.write('careful\n');
      channel.exit(3);
      channel.end();
    });
    expect(await connection.exec('true', SOON)).toEqual({
      kind: 'exited',
      code: 3,
      stdout: 'ran true\n',
      stderr: 'careful\n',
      truncated: false,
    });
  });

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

  test('is timed out, and what it printed so far is kept', async () => {
    const connection = await connectionTo((_command, channel) => void channel.write('so far'));
    expect(await connection.exec('x', { timeoutMs: 100 })).toEqual({
      kind: 'timed-out',
      stdout: 'so far',
      stderr: '',
    });
    expect(connection.open).toBe(true);
  });

  test('is aborted by the signal, before and after its start', async () => {
    const connection = await connectionTo(() => controller.abort());
    const controller = new AbortController();
    expect(await connection.exec('x', { ...SOON, signal: controller.signal })).toEqual({
      kind: 'aborted',
    });
    expect(await connection.exec('x', { ...SOON, signal: controller.signal })).toEqual({
      kind: 'aborted',
    });
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

  test('runs beside others on the same connection', async () => {
    const connection = await connectionTo((command, channel) => {
      channel.write(command);
      channel.exit(0);
      channel.end();
    });
    const outcomes = await Promise.all(
      ['a', 'b', 'c'].map((command) => connection.exec(command, SOON)),
    );
    expect(outcomes.map((outcome) => outcome.kind === 'exited' && outcome.stdout)).toEqual([
      'a',
      'b',
      'c',
    ]);
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

  test('of 100 MB does not fill the memory', async () => {
    const piece = Buffer.alloc(64 * 1024, 'line of output\n');
    const connection = await connectionTo((_command, channel) => {
      Readable.from(
        (function* () {
          for (let sent = 0; sent < 100_000_000; sent += piece.length) yield piece;
        })(),
      )
        .pipe(channel, { end: false })
        .on('unpipe', () => {
          channel.exit(0);
          channel.end();
        });
    });
    let lines = 0;
    let peak = 0;
    const before = process.memoryUsage().rss;
    const outcome = await connection.exec('x', {
      timeoutMs: 60_000,
      onLine: () => {
        lines += 1;
        if (lines % 100_000 === 0) peak = Math.max(peak, process.memoryUsage().rss);
      },
    });
    expect(outcome).toMatchObject({ kind: 'exited', code: 0, truncated: true });
    expect(lines).toBeGreaterThan(6_000_000);
    expect(peak - before).toBeLessThan(150_000_000);
  }, 60_000);

  test('handed to a reader that throws rejects with its error and keeps the connection', async () => {
    const connection = await connectionTo((command, channel) => {
      channel.write(`${command}\n`);
      channel.exit(0);
      channel.end();
    });
    const onLine = () => {
      throw new Error('a bug of the caller');
    };
    await expect(connection.exec('x', { ...SOON, onLine })).rejects.toThrow('a bug of the caller');
    expect(await connection.exec('y', SOON)).toMatchObject({ kind: 'exited', stdout: 'y\n' });
  });
});

describe('stdin', () => {
  const echo: NonNullable<ServerOptions['onExec']> = (_command, channel) => {
    channel.on('data', (chunk: Buffer) => channel.write(chunk));
    channel.on('end', () => {
      channel.exit(0);
      channel.end();
    });
  };

  test.each([0, 10, 300_000])('of %i bytes arrives whole and ends', async (size) => {
    const connection = await connectionTo(echo);
    const sent = Buffer.alloc(size, 'abc');
    const outcome = await connection.exec('cat', { ...SOON, stdin: sent });
    expect(outcome).toMatchObject({ kind: 'exited', stdout: sent.toString() });
  });

  test('comes from a stream too', async () => {
    const connection = await connectionTo(echo);
    const stdin = Readable.from([Buffer.from('one '), Buffer.from('two')]);
    expect(await connection.exec('cat', { ...SOON, stdin })).toMatchObject({ stdout: 'one two' });
  });

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

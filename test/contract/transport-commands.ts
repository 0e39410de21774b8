import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { startRelay } from '../transport/support/relay.js';
import { changed, connectedBy, type TransportSubject } from './transport-subject.js';

const SOON = { timeoutMs: 15_000 };

export function commandContract(subject: TransportSubject): void {
  const connection = async () => connectedBy(subject, (await subject.server()).host);

  describe('a command', () => {
    test('ends with its exit code, also those that shells and ssh use themselves', async () => {
      const { exec } = await connection();
      expect(await exec('echo out; echo err >&2; exit 3', SOON)).toEqual({
        kind: 'exited',
        code: 3,
        stdout: 'out\n',
        stderr: 'err\n',
        truncated: false,
      });
      for (const code of [0, 1, 127, 129, 255]) {
        expect(await exec(`exit ${code}`, SOON)).toMatchObject({ kind: 'exited', code });
      }
    });

    test('that a signal killed tells which', async () => {
      const { exec } = await connection();
      expect(await exec('echo so far; kill -KILL $$', SOON)).toEqual({
        kind: 'signalled',
        signal: 'SIGKILL',
        stdout: 'so far\n',
        stderr: '',
        truncated: false,
      });
    });

    test('is given exactly its text', async () => {
      const { exec } = await connection();
      const text = `O'Neil "x" $(id) Jörg 🚀`;
      const quoted = `'${text.replaceAll("'", `'\\''`)}'`;
      expect(await exec(`printf %s ${quoted}`, SOON)).toMatchObject({ stdout: text });
    });

    test('runs beside others on the same connection', async () => {
      const { exec } = await connection();
      const outcomes = await Promise.all([1, 2, 3, 4, 5].map((code) => exec(`exit ${code}`, SOON)));
      expect(outcomes.map((end) => end.kind === 'exited' && end.code)).toEqual([1, 2, 3, 4, 5]);
    });

    test('is timed out, and what it printed so far is kept', async () => {
      const { exec } = await connection();
      expect(await exec('echo so far; exec sleep 5', { timeoutMs: 1000 })).toEqual({
        kind: 'timed-out',
        stdout: 'so far\n',
        stderr: '',
        truncated: false,
      });
      expect(await exec('exit 4', SOON)).toMatchObject({ kind: 'exited', code: 4 });
    });

    test('is aborted by the signal, before and after its start', async () => {
      const { exec } = await connection();
      const controller = new AbortController();
      const options = { ...SOON, signal: controller.signal, onLine: () => controller.abort() };
      expect(await exec('echo; exec sleep 5', options)).toEqual({ kind: 'aborted' });
      expect(await exec('echo; exec sleep 5', options)).toEqual({ kind: 'aborted' });
    });

    test('is lost when the connection breaks, and so are later ones', async () => {
      const relay = await startRelay((await subject.server()).host);
      const broken = await connectedBy(subject, relay.host);
      const onLine = () => relay.cut();
      const outcome = await broken.exec('echo half; exec sleep 5', { ...SOON, onLine });
      expect(outcome).toMatchObject({ kind: 'lost', stdout: 'half\n' });
      expect(broken.open).toBe(false);
      expect(await broken.exec('true', SOON)).toMatchObject({ kind: 'lost' });
      await broken.close();
    });

    test('is lost when the host falls silent', async () => {
      const relay = await startRelay((await subject.server()).host);
      const silent = await connectedBy(subject, changed(relay.host, { keepaliveMs: 1000 }));
      const onLine = () => relay.freeze();
      const outcome = await silent.exec('echo; exec sleep 15', { ...SOON, onLine });
      expect(outcome).toMatchObject({ kind: 'lost' });
    });
  });

  describe('stdout', () => {
    test('comes line by line, whole characters and no carriage returns', async () => {
      const { exec } = await connection();
      const lines: string[] = [];
      const onLine = (line: string) => lines.push(line);
      await exec(`printf 'Größe 🚀\\r\\nzwei\\n\\nlast'`, { ...SOON, onLine });
      expect(lines).toEqual(['Größe 🚀', 'zwei', '', 'last']);
    });

    test('is kept from its beginning and stderr from its end, and what is left out is told', async () => {
      const { exec } = await connection();
      const command = 'printf 0123456789; printf abcdefghij >&2';
      expect(await exec(command, { ...SOON, keepBytes: 4 })).toEqual({
        kind: 'exited',
        code: 0,
        stdout: '0123',
        stderr: 'ghij',
        truncated: true,
      });
    });

    test('of 100 MB does not fill the memory', async () => {
      const { exec } = await connection();
      let [bytes, peak] = [0, 0];
      const before = process.memoryUsage().rss;
      const onLine = (line: string) => {
        bytes += line.length + 1;
        if (bytes % 1_000_000 < 100) peak = Math.max(peak, process.memoryUsage().rss);
      };
      const line = 'x'.repeat(99);
      const outcome = await exec(`yes ${line} | head -c 100000000`, { timeoutMs: 60_000, onLine });
      expect(outcome).toMatchObject({ kind: 'exited', code: 0, truncated: true });
      expect(bytes).toBe(100_000_000);
      expect(peak - before).toBeLessThan(150_000_000);
    }, 90_000);

    test('handed to a reader that throws rejects with its error and keeps the connection', async () => {
      const { exec } = await connection();
      const onLine = () => {
        throw new Error('a bug of the caller');
      };
      await expect(exec('echo x', { ...SOON, onLine })).rejects.toThrow('a bug of the caller');
      expect(await exec('echo y', SOON)).toMatchObject({ kind: 'exited', stdout: 'y\n' });
    });
  });

  describe('stdin', () => {
    test.each([0, 10, 5_000_000])('of %i bytes arrives whole and ends', async (size) => {
      const { exec } = await connection();
      const stdin = Buffer.alloc(size, 'abc');
      expect(await exec('wc -c', { ...SOON, stdin })).toMatchObject({
        kind: 'exited',
        stdout: expect.stringMatching(new RegExp(`^ *${size}\n$`)),
      });
    });

    test('comes from a stream too', async () => {
      const { exec } = await connection();
      const stdin = Readable.from([Buffer.from('one '), Buffer.from('two')]);
      expect(await exec('cat', { ...SOON, stdin })).toMatchObject({ stdout: 'one two' });
    });

    test('may be left unread', async () => {
      const { exec } = await connection();
      const stdin = Buffer.alloc(5_000_000, 'x');
      expect(await exec('exit 9', { ...SOON, stdin })).toMatchObject({ kind: 'exited', code: 9 });
    });

    test('waits for a slow reader instead of piling up here', async () => {
      const { exec } = await connection();
      const size = 40_000_000;
      let read = 0;
      const stdin = new Readable({
        read() {
          const piece = Buffer.alloc(Math.min(65_536, size - read));
          read += piece.length;
          this.push(piece.length === 0 ? null : piece);
        },
      });
      await exec('sleep 2', { timeoutMs: 60_000, stdin });
      expect(read).toBeLessThan(size / 2);
    }, 30_000);
  });
}

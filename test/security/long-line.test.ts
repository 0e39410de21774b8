import type { ServerChannel } from 'ssh2';
import { describe, expect, test } from 'vitest';
import { connected, hostAt, startServer } from '../transport/support/ssh-server.js';

/** One line of so many bytes, and then an end. */
const line =
  (bytes: number) =>
  (_command: string, channel: ServerChannel): void => {
    channel.on('error', () => undefined);
    channel.write(`${'x'.repeat(bytes)}\nnext\n`);
    channel.exit(0);
    channel.end();
  };

const connect = async (bytes: number) =>
  connected(hostAt((await startServer({ onExec: line(bytes) })).port));

async function converse(bytes: number) {
  const lines: string[] = [];
  const listener = { onStdout: (text: string) => lines.push(text), onStderr: () => undefined };
  const connection = await connect(bytes);
  return { end: await connection.converse('x', listener).ended, lines, connection };
}

const FLOODED = { kind: 'flooded', message: 'it sent a line of more than 64 KiB' };

describe('a line of more than 64 KiB', () => {
  test('in a conversation closes the connection', async () => {
    const { end, connection } = await converse(65_537);
    expect(end).toEqual(FLOODED);
    await expect.poll(() => connection.open).toBe(false);
  });

  test('of a command that is read line by line is disconnected', async () => {
    const options = { timeoutMs: 5_000, onLine: () => undefined };
    expect(await (await connect(65_537)).exec('x', options)).toMatchObject(FLOODED);
  });

  test('of a command that is only run is kept like any other output', async () => {
    const outcome = await (await connect(65_537)).exec('x', { timeoutMs: 5_000 });
    expect(outcome).toMatchObject({ kind: 'exited', code: 0, truncated: false });
  });
});

test('a line of 64 KiB is read completely', async () => {
  const { end, lines } = await converse(65_536);
  expect(end).toEqual({ kind: 'exited', code: 0 });
  expect(lines.map(({ length }) => length)).toEqual([65_536, 4]);
});

test('a conversation says as much as it is allowed, and no more', async () => {
  const { port } = await startServer({
    onExec: (_command, channel) => {
      channel.on('error', () => undefined);
      channel.on('data', () => {
        channel.write('y'.repeat(600));
        channel.stderr.write('z'.repeat(600));
      });
    },
  });
  const connection = await connected(hostAt(port));
  const listener = { onStdout: () => undefined, onStderr: () => undefined };
  const conversation = connection.converse('x', listener);
  conversation.allow(1_024);
  conversation.write('go\n');
  expect(await conversation.ended).toEqual({
    kind: 'flooded',
    message: 'it printed more than 1 KiB in one go',
  });
});

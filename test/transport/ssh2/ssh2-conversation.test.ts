import type { ServerChannel } from 'ssh2';
import { describe, expect, test } from 'vitest';
import type { Conversation } from '../../../src/transport/port.js';
import { connected, hostAt, type ServerOptions, startServer } from '../support/ssh-server.js';

interface Heard {
  readonly conversation: Conversation;
  readonly stdout: string[];
  readonly stderr: string[];
  /** Resolves with the next line of stdout. */
  next(): Promise<string>;
}

async function converse(onExec: NonNullable<ServerOptions['onExec']>): Promise<Heard> {
  const server = await startServer({ onExec });
  const connection = await connected(hostAt(server.port));
  const stdout: string[] = [];
  const stderr: string[] = [];
  let tell = (_: string): void => undefined;
  const conversation = connection.converse('talk', {
    onStdout: (line) => {
      stdout.push(line);
      tell(line);
    },
    onStderr: (line) => stderr.push(line),
  });
  const next = () =>
    new Promise<string>((resolve) => {
      tell = resolve;
    });
  return { conversation, stdout, stderr, next };
}

const echo = (_command: string, channel: ServerChannel): void => {
  channel.on('data', (chunk: Buffer) => channel.write(chunk));
  channel.on('end', () => {
    channel.exit(0);
    channel.end();
  });
};

describe('a conversation', () => {
  test('is written to while it is heard, also before its channel is open', async () => {
    const { conversation, next, stdout } = await converse(echo);
    conversation.write('early\n');
    expect(await next()).toBe('early');
    conversation.write('lat');
    conversation.write('er\n');
    expect(await next()).toBe('later');
    expect(stdout).toEqual(['early', 'later']);
    conversation.close();
    expect(await conversation.ended).toMatchObject({ kind: 'lost' });
    conversation.write('too late\n');
  });

  test('tells of a signal', async () => {
    const { conversation } = await converse((_command, channel) => {
      channel.exit('KILL' as never);
      channel.end();
    });
    expect(await conversation.ended).toEqual({ kind: 'signalled', signal: 'SIGKILL' });
  });

  test('is lost with the connection, and where it cannot begin', async () => {
    const server = await startServer({
      onExec: (_command, _channel, client) => void client.end(),
    });
    const connection = await connected(hostAt(server.port));
    const listener = { onStdout: () => undefined, onStderr: () => undefined };
    expect(await connection.converse('a', listener).ended).toMatchObject({ kind: 'lost' });
    expect(await connection.converse('b', listener).ended).toMatchObject({ kind: 'lost' });
  });

  test('ends its channel when it is closed, and leaves the connection open', async () => {
    let tell = (): void => undefined;
    const closed = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const server = await startServer({
      onExec: (command, channel) => {
        if (command === 'a') {
          channel.resume().on('close', tell);
        } else {
          channel.exit(0);
          channel.end();
        }
      },
    });
    const connection = await connected(hostAt(server.port));
    const listener = { onStdout: () => undefined, onStderr: () => undefined };
    const conversation = connection.converse('a', listener);
    conversation.close();
    await closed;
    expect(await connection.exec('b', { timeoutMs: 1000 })).toMatchObject({ kind: 'exited' });
  });
});

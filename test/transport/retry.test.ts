import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hasSshd, startSshd } from './support/real-sshd.js';
import { refused, transportFor } from './support/ssh-server.js';

describe.skipIf(!hasSshd)('an sshd that is over its MaxStartups', () => {
  test('is tried again until it has room', async () => {
    const { host, port, log } = await startSshd({ config: 'MaxStartups 3' });
    const held = await fill(port, 3);
    const said: string[] = [];
    const connecting = transportFor({
      log(_host, message) {
        said.push(message);
        if (/trying again/.test(message)) for (const socket of held) socket.destroy();
      },
    }).connect(host);
    expect((await connecting).kind).toBe('connected');
    expect(said.filter((line) => /trying again/.test(line))).not.toHaveLength(0);
    expect(log.some((line) => /drop connection|MaxStartups/.test(line))).toBe(true);
  });

  test('and stays so is reported with its own words, once all tries are used', async () => {
    const { host, port } = await startSshd({ config: 'MaxStartups 3' });
    await fill(port, 3);
    expect(await refused(host, { random: () => 0 })).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('ended the connection before authentication'),
      hint: expect.stringContaining('MaxStartups'),
    });
  });

  test('takes in far more hosts than that, by and by', async () => {
    const { host } = await startSshd({ config: 'MaxStartups 3' });
    const transport = transportFor({ handshakes: 3 });
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => transport.connect(host)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array(12).fill('connected'));
  }, 20_000);
});

/** Connections that sshd has greeted, and that say nothing. */
async function fill(port: number, number: number) {
  const sockets = Array.from({ length: number }, () => connect(port, '127.0.0.1'));
  onTestFinished(() => sockets.forEach((socket) => void socket.destroy()));
  await Promise.all(
    sockets.map((socket) => new Promise((resolve) => socket.once('data', resolve))),
  );
  return sockets;
}

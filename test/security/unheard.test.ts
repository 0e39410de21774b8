import ssh2, { type ParsedKey } from 'ssh2';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  connected,
  hostAt,
  sharedHostKey,
  sharedUserKey,
} from '../transport/support/ssh-server.js';

const MIB = 1024 * 1024;

/** What ssh2 has inside of a server's connection: its packets, whether or not they may be sent. */
interface Protocol {
  channelData(id: number, data: Buffer): void;
  ping(): void;
}
const inside = (of: object, key: string) => Reflect.get(of, key);

type Pour = (protocol: Protocol, id: number) => number;

/** A server that sends, once a command is to run, what no command has printed; gives the bytes. */
async function floodingServer(pour: Pour) {
  let sent = 0;
  const server = new ssh2.Server({ hostKeys: [sharedHostKey.privateText] }, (connection) => {
    let open = true;
    connection.on('error', () => undefined);
    connection.on('close', () => {
      open = false;
    });
    connection.on('authentication', (context) => {
      const key = ssh2.utils.parseKey(sharedUserKey.publicLine) as ParsedKey;
      if (context.method === 'publickey' && context.key.data.equals(key.getPublicSSH())) {
        context.accept();
      } else context.reject(['publickey']);
    });
    connection.on('session', (accept) => {
      const session = accept();
      // The command is never accepted, so that no one reads its output.
      session.on('exec', () => {
        const { outgoing } = inside(session, '_chanInfo');
        const socket = inside(connection, '_sock');
        const protocol: Protocol = inside(connection, '_protocol');
        const more = (): void => {
          for (let n = 0; open && n < 200 && sent < 64 * MIB; n += 1) {
            sent += pour(protocol, outgoing.id);
            if (socket.writableNeedDrain) return void socket.once('drain', more);
          }
          if (open && sent < 64 * MIB) setImmediate(more);
        };
        more();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { port, sent: () => sent };
}

describe('a server that keeps sending what no command has printed is disconnected', () => {
  const odd = Buffer.alloc(32_749, 'x');
  const floods: readonly (readonly [string, Pour])[] = [
    [
      'output of a command that has not begun, beyond every window',
      (protocol, id) => {
        protocol.channelData(id, odd);
        return odd.length;
      },
    ],
    [
      'requests that are to be answered',
      (protocol) => {
        protocol.ping();
        return 60;
      },
    ],
  ];
  test.each(floods)('%s', async (_what, pour) => {
    const server = await floodingServer(pour);
    const connection = await connected(hostAt(server.port));
    const outcome = await connection.exec('anything', { timeoutMs: 15_000 });
    expect(outcome).toMatchObject({ kind: 'lost' });
    expect(outcome.kind === 'lost' && outcome.message).toMatch(/more than 4 MiB/);
    expect(connection.open).toBe(false);
    expect(server.sent()).toBeLessThan(32 * MIB);
  });
});

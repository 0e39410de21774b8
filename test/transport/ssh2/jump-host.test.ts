import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Endpoint, Host } from '../../../src/model/hosts/host.js';
import { hasSshd, type Sshd, startSshd } from '../support/real-sshd.js';
import {
  connected,
  hostAt,
  makeKey,
  refused,
  startServer,
  startTcp,
  transportFor,
} from '../support/ssh-server.js';

const SOON = { timeoutMs: 10_000 };

describe.skipIf(!hasSshd)('a host behind a jump host', () => {
  test('is logged in to through it, with a key and a host key of its own', async () => {
    const [bastion, web] = await Promise.all([startSshd(), startSshd()]);
    const connection = await connected(behind(web.host, bastion));
    const stdin = Buffer.alloc(3_000_000, 'x');
    expect(await connection.exec('wc -c', { ...SOON, stdin })).toMatchObject({
      kind: 'exited',
      stdout: '3000000\n',
    });
    expect(accepted(web)[0]).toContain('127.0.0.1');
  });

  test('may be behind two of them in a row', async () => {
    const [outer, inner, web] = await Promise.all([startSshd(), startSshd(), startSshd()]);
    const hop = { ...inner.host, ssh: { ...inner.host.ssh, jump: named(outer.host, 'outer') } };
    const connection = await connected({
      ...web.host,
      ssh: { ...web.host.ssh, jump: named(hop, 'inner') },
    });
    expect(await connection.exec('echo on', SOON)).toMatchObject({ stdout: 'on\n' });
    expect([outer, inner, web].map((each) => accepted(each).length)).toEqual([1, 1, 1]);
  });

  test('shares the one connection to it with all the others, made at the same moment', async () => {
    const config = 'MaxSessions 1\nMaxStartups 100';
    const [bastion, web] = await Promise.all([startSshd({ config }), startSshd({ config })]);
    const transport = transportFor();
    const host = behind(web.host, bastion);
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => transport.connect(host)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array(40).fill('connected'));
    expect(accepted(bastion)).toHaveLength(1);
    expect(accepted(web)).toHaveLength(40);
  }, 30_000);

  test('waits for no turn that the jump host itself needs', async () => {
    const [bastion, web] = await Promise.all([startSshd(), startSshd()]);
    const transport = transportFor({ handshakes: 1 });
    const host = behind(web.host, bastion);
    const outcomes = await Promise.all([
      transport.connect(host),
      transport.connect(web.host),
      transport.connect(host),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['connected', 'connected', 'connected']);
  });

  test('is lost with the jump host, and the next try logs in there anew', async () => {
    const [bastion, web] = await Promise.all([startSshd(), startSshd()]);
    const transport = transportFor();
    const host = behind(web.host, bastion);
    const first = await transport.connect(host);
    if (first.kind === 'failed') throw new Error(first.failure.message);
    const outcome = first.connection.exec('echo on; sleep 30', {
      ...SOON,
      onLine: () => bastion.cut(),
    });
    expect(await outcome).toMatchObject({
      kind: 'lost',
      message: expect.stringContaining('jump host bastion'),
    });
    expect(first.connection.open).toBe(false);
    const second = await transport.connect(host);
    expect(second.kind).toBe('connected');
    expect(accepted(bastion)).toHaveLength(2);
  });

  test('is lost when the jump host falls silent, by signs of life that do not come', async () => {
    const [bastion, web] = await Promise.all([startSshd(), startSshd()]);
    const relayed: Socket[] = [];
    const port = await startTcp((socket) => {
      const upstream = connect(bastion.port, '127.0.0.1');
      upstream.on('error', () => {});
      socket.pipe(upstream).pipe(socket);
      socket.on('close', () => upstream.destroy());
      relayed.push(socket, upstream);
    });
    const ssh = { ...bastion.host.ssh, port, hostKeyAlias: 'b', hostKeys: 'accept-new' } as const;
    const jump = { name: 'bastion', address: '127.0.0.1', ssh: { ...ssh, keepaliveMs: 100 } };
    const connection = await connected({ ...web.host, ssh: { ...web.host.ssh, jump } });
    const outcome = connection.exec('echo on; sleep 30', {
      ...SOON,
      onLine: () => {
        for (const socket of relayed) socket.unpipe().pause();
      },
    });
    expect(await outcome).toMatchObject({
      kind: 'lost',
      message: expect.stringContaining('jump host bastion'),
    });
  });

  test('is named where nothing listens behind the jump host', async () => {
    const [bastion, web] = await Promise.all([startSshd(), startSshd()]);
    await web.stop();
    const failure = await refused(behind(web.host, bastion));
    expect(failure.code).toBe('unreachable');
    expect(failure.message).toMatch(
      /^jump host bastion: cannot reach 127.0.0.1:\d+: Connection refused$/,
    );
  });

  test('whose jump host forwards nothing is told so', async () => {
    const [bastion, web] = await Promise.all([
      startSshd({ config: 'AllowTcpForwarding no' }),
      startSshd(),
    ]);
    expect(await refused(behind(web.host, bastion))).toMatchObject({
      code: 'forwarding_refused',
      message: expect.stringMatching(/^jump host bastion: refuses to forward to 127.0.0.1:\d+/),
      hint: expect.stringContaining('AllowTcpForwarding'),
    });
  });

  test('whose second jump host forwards nothing hears of that one', async () => {
    const [outer, inner, web] = await Promise.all([
      startSshd(),
      startSshd({ config: 'PermitOpen 127.0.0.1:1' }),
      startSshd(),
    ]);
    const hop = { ...inner.host, ssh: { ...inner.host.ssh, jump: named(outer.host, 'outer') } };
    const host = { ...web.host, ssh: { ...web.host.ssh, jump: named(hop, 'inner') } };
    expect(await refused(host)).toMatchObject({
      code: 'forwarding_refused',
      message: expect.stringMatching(/^jump host inner: /),
    });
  });

  test('is reached over IPv6', async () => {
    const bastion = await startSshd({ address: '::1' });
    const web = await startSshd({ address: '::1' });
    const connection = await connected(behind(web.host, bastion));
    expect(connection.open).toBe(true);
  });
});

describe('a jump host that', () => {
  test('is down is named, and the first failing one on the way', async () => {
    const port = await startTcp(() => {});
    const outer = named({ ...hostAt(port), address: '127.0.0.2' }, 'outer');
    const inner = named(hostAt(port, { jump: outer }), 'inner');
    expect(await refused(hostAt(1, { jump: inner }))).toMatchObject({
      code: 'unreachable',
      message: `jump host outer: 127.0.0.2:${port} refuses connections`,
    });
  });

  test('has another key than recorded is refused, and no key is offered', async () => {
    const server = await startServer();
    const jump = named(hostAt(server.port, { record: makeKey() }), 'bastion');
    expect(await refused(hostAt(1, { jump }))).toMatchObject({
      code: 'host_key_changed',
      message: expect.stringMatching(/^jump host bastion: /),
    });
    expect(server.tried).toEqual([]);
  });

  test('refuses the login is asked once for all who are behind it', async () => {
    const server = await startServer();
    const jump = named(hostAt(server.port, { userKey: makeKey() }), 'bastion');
    const transport = transportFor();
    const connect = () => transport.connect(hostAt(1, { jump }));
    const outcomes = [...(await Promise.all([connect(), connect()])), await connect()];
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        kind: 'failed',
        failure: { code: 'auth_failed', message: expect.stringMatching(/^jump host bastion: /) },
      });
    }
    expect(server.connections).toHaveLength(1);
  });

  test('hangs has a timeout of its own, and holds up no one who does not need it', async () => {
    const stalling = await startTcp((socket) => void socket.write('SSH-2.0-slow\r\n'));
    const server = await startServer();
    const jump = named(hostAt(stalling, { connectTimeoutMs: 300 }), 'bastion');
    const transport = transportFor({ handshakes: 2 });
    const waiting = Array.from({ length: 5 }, () =>
      transport.connect(hostAt(1, { jump, connectTimeoutMs: 60_000 })),
    );
    const direct = await transport.connect(hostAt(server.port));
    expect(direct.kind).toBe('connected');
    for (const outcome of await Promise.all(waiting)) {
      expect(outcome).toMatchObject({
        failure: {
          code: 'connect_timeout',
          message: expect.stringMatching(/^jump host bastion: .* key exchange within 0.3 s$/),
        },
      });
    }
  });
});

function behind(host: Host, bastion: Sshd): Host {
  return { ...host, ssh: { ...host.ssh, jump: named(bastion.host, 'bastion') } };
}

function named(host: Host, name: string): Endpoint {
  return { ...host, name };
}

function accepted({ log }: Sshd): string[] {
  return log.filter((line) => line.startsWith('Accepted publickey'));
}

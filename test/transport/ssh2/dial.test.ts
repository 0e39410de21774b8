import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { FleetError } from '../../../src/errors/fleet-error.js';
import { checkDescriptors } from '../../../src/transport/connect/descriptor-limit.js';
import { createNameCache, type Lookup } from '../../../src/transport/ssh2/name-cache.js';
import { hostFixture } from '../../fixtures/host.js';
import {
  connected,
  hostAt,
  refused,
  sharedHostKey,
  startServer,
  startTcp,
  transportFor,
} from '../support/ssh-server.js';

const answers = (...addresses: readonly string[]): Lookup => {
  return async () => addresses.map((address) => ({ address, family: 4 }));
};

const dialling = (lookup: Lookup) => ({ lookup });

test('a name whose first address never answers is reached by its second', async () => {
  const server = await startServer();
  await listenWithoutAnswer('127.0.0.3', server.port);
  const host = named(server.port);
  const connection = await connected(host, dialling(answers('127.0.0.3', '127.0.0.1')));
  expect(connection.open).toBe(true);
});

test('a name whose first address refuses is reached by its second', async () => {
  const server = await startServer();
  await connected(named(server.port), dialling(answers('127.0.0.2', '127.0.0.1')));
  await connected(named(server.port), dialling(answers('::1', '127.0.0.1')));
});

test('a name all of whose addresses refuse says so', async () => {
  const port = await startTcp(() => {});
  expect(await refused(named(port), dialling(answers('127.0.0.2', '127.0.0.4')))).toMatchObject({
    code: 'unreachable',
    message: `two.example.com:${port} refuses connections`,
  });
});

test('a dead name of several addresses ends in its timeout', async () => {
  const port = await startTcp(() => {});
  await listenWithoutAnswer('127.0.0.3', port);
  await listenWithoutAnswer('127.0.0.5', port);
  const host = { ...named(port), ssh: { ...named(port).ssh, connectTimeoutMs: 500 } };
  expect(await refused(host, dialling(answers('127.0.0.3', '127.0.0.5')))).toMatchObject({
    code: 'connect_timeout',
    message: expect.stringContaining('did not accept the connection'),
  });
});

test('a name is asked for once, a few at a time, and again only once it did not answer', async () => {
  const asked: string[] = [];
  let [now, most] = [0, 0];
  const names = createNameCache(async (name) => {
    asked.push(name);
    now += 1;
    most = Math.max(most, now);
    await new Promise(setImmediate);
    now -= 1;
    if (name === 'bad') throw new Error('no such name');
    return [{ address: '127.0.0.1', family: 4 }];
  });
  const all = Array.from({ length: 20 }, (_, at) => `host${at % 10}`);
  await Promise.all(all.map((name) => names.resolve(name)));
  expect(asked).toHaveLength(10);
  expect(most).toBe(3);
  names.forget('host1');
  await names.resolve('host1');
  await expect(names.resolve('bad')).rejects.toThrow('no such name');
  await expect(names.resolve('bad')).rejects.toThrow('no such name');
  expect(asked.slice(10)).toEqual(['host1', 'bad']);
  expect(await names.resolve('10.0.0.1')).toEqual(['10.0.0.1']);
  expect(await names.resolve('fe80::1')).toEqual(['fe80::1']);
  expect(asked).toHaveLength(12);
});

test('a name server that does not answer ends in the timeout of the host, and at once if interrupted', async () => {
  const silent = { lookup: () => new Promise<never>(() => {}) };
  const host = { ...named(1), ssh: { ...named(1).ssh, connectTimeoutMs: 200 } };
  expect(await refused(host, silent)).toMatchObject({
    code: 'connect_timeout',
    message: 'the name two.example.com was not resolved within 0.2 s',
  });
  const stop = new AbortController();
  const connecting = transportFor(silent).connect(named(1), stop.signal);
  stop.abort();
  expect(await connecting).toMatchObject({ failure: { code: 'interrupted' } });
});

test('too few file descriptors are refused before anything is dialled, with the number', () => {
  const hosts = Array.from({ length: 100 }, (_, at) => hostAtPort(at + 1));
  const limits = { open: 20, most: 183 };
  const refuse = () => checkDescriptors(hosts, limits);
  expect(refuse).toThrow(FleetError);
  expect(refuse).toThrow(
    '100 connections need 184 file descriptors in all, but this process may have only 183',
  );
  expect(() => checkDescriptors(hosts, { open: 20, most: 184 })).not.toThrow();
  expect(() => checkDescriptors([...hosts, ...hosts], { open: 20, most: 184 })).not.toThrow();
  expect(() => checkDescriptors(hosts)).not.toThrow();
});

test('running out of file descriptors is named', async () => {
  const full = Object.assign(new Error('connect EMFILE'), { code: 'EMFILE' });
  expect(await refused(hostAt(1), { dial: () => Promise.reject(full) })).toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining('no free file descriptor'),
    hint: expect.stringContaining('ulimit -n'),
  });
});

function named(port: number) {
  const host = hostAt(port, { address: 'two.example.com', record: sharedHostKey });
  return { ...host, address: 'two.example.com' };
}

function hostAtPort(port: number) {
  const host = hostFixture('web1');
  return { ...host, ssh: { ...host.ssh, port } };
}

/** A listener that is stopped and whose queue is full: the kernel answers no further SYN. */
async function listenWithoutAnswer(address: string, port: number): Promise<void> {
  const script = `require('node:net').createServer().listen(
    { host: '${address}', port: ${port}, backlog: 1 }, () => console.log('listening'))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  child.kill('SIGSTOP');
  for (let filled = 0; filled < 4; filled += 1) {
    const socket = connect(port, address);
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    await Promise.race([once(socket, 'connect'), new Promise((done) => setTimeout(done, 200))]);
  }
}

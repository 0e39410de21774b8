import { PassThrough } from 'node:stream';
import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { offeringOf, packetsOf, parserOf } from '../../../src/transport/ssh2/internals.js';

test('the installed ssh2 has what fleet touches inside it', () => {
  const client = new ssh2.Client();
  client.on('error', () => {});
  const sock = new PassThrough();
  client.connect({ sock: sock as never, username: 'deploy', readyTimeout: 0 });
  expect(parserOf(client)).not.toBeNull();
  expect(offeringOf(client)).not.toBeNull();
  const packets = packetsOf(client);
  expect(packets?.cipher()).toHaveProperty('allocPacket');
  expect(packets?.writer.alloc(8, true)).toBeInstanceOf(Buffer);
  const protocol = Reflect.get(client, '_protocol');
  expect(protocol._handlers.GLOBAL_REQUEST).toBeTypeOf('function');
  expect(protocol._handlers.SERVICE_ACCEPT).toBeTypeOf('function');
  expect(protocol.service).toBeTypeOf('function');
  sock.destroy();
});

test('an ssh2 that is built otherwise has none of it', () => {
  const other = new ssh2.Client();
  expect([parserOf(other), offeringOf(other), packetsOf(other)]).toEqual([null, null, null]);
});

import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createHostClient } from '../../src/host/client.js';
import { loadHostProgram } from '../../src/host/program.js';
import { factsStep } from '../../src/host/steps/steps.js';
import type { Connection } from '../../src/transport/port.js';
import { claim, ownership } from './support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE } from './support/fake-host.js';
import { localConnection } from './support/local-connection.js';
import { codeOf } from './support/refused-step.js';

let host: FakeHost;
afterEach(() => host.stop());

/** A connection whose server ends it with its first channel, as tinysshd does. */
function oneChannel(inner: Connection): Connection {
  let open = true;
  let used = false;
  const lost = { kind: 'lost', message: 'the server ended the connection' } as const;
  const nothing = { stdout: '', stderr: '', truncated: false };
  return {
    get open() {
      return open;
    },
    async exec(command, options) {
      if (used) {
        open = false;
        return { ...lost, ...nothing };
      }
      used = true;
      return inner.exec(command, options);
    },
    converse(command, listener) {
      used = true;
      return inner.converse(command, listener);
    },
    close: () => inner.close(),
  };
}

test('a server that ends the connection with its first channel gets the program over a new one', async () => {
  host = createFakeHost();
  host.unit('shop.service', { cwd: join(host.root, 'current') });
  const connections: Connection[] = [];
  const client = createHostClient({
    root: host.root,
    program: loadHostProgram(),
    async connect() {
      const connection = oneChannel(localConnection({ env: host.env, ownGroup: true }));
      connections.push(connection);
      return { kind: 'connected', connection };
    },
  });
  const options = { timeoutMs: 10_000 };
  expect(codeOf(await client.run([factsStep(SERVICE, [], { releases: true })], options))).toBe(
    'ok',
  );
  expect(connections).toHaveLength(2);
  expect(codeOf(await client.run([claim(ownership(1), null)], options))).toBe('ok');
  for (const connection of connections) await connection.close();
});

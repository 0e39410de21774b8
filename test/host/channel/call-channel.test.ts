import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHostClient } from '../../../src/host/client.js';
import { loadHostProgram } from '../../../src/host/program.js';
import { readProbe } from '../../../src/host/reply/facts.js';
import { probeStep, statusStep } from '../../../src/host/steps/steps.js';
import type { Connection } from '../../../src/transport/port.js';
import { claim, deploy, ownership } from '../support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE } from '../support/fake-host.js';
import { fakeRelease } from '../support/fake-release.js';
import { localConnection } from '../support/local-connection.js';

const one = fakeRelease(1);
const two = fakeRelease(2);
const status = statusStep(SERVICE);

let host: FakeHost;
beforeEach(async () => {
  host = createFakeHost();
  host.unit('shop.service', { cwd: join(host.root, 'current') });
  await deploy(host, ownership(1), { from: null, to: one });
});
afterEach(() => host.stop());

/** Commands that a piece of work sends. */
async function commandsOf(work: () => Promise<unknown>): Promise<readonly string[]> {
  const before = host.commands.length;
  await work();
  return host.commands.slice(before);
}

describe('the channel of all calls', () => {
  test('takes one call at a time: another one that comes meanwhile is an exec', async () => {
    const command = 'while ! [ -e done ]; do sleep 0.01; done; rm done';
    const slow = probeStep(SERVICE, [{ kind: 'command', command }]);
    const other = probeStep(SERVICE, [{ kind: 'command', command: ': >done' }]);
    const sent = await commandsOf(async () => {
      const outcomes = await Promise.all([host.run([slow]), host.run([other])]);
      expect(outcomes.map(({ events }) => readProbe(events)?.healthy)).toEqual([true, true]);
      expect(await host.run([status])).toMatchObject({ kind: 'ok' });
    });
    expect(sent).toEqual([expect.stringMatching(/ step probe .* ': >done'$|done/)]);
  });

  test('does not take an argument of several lines', async () => {
    const step = probeStep(SERVICE, [
      { kind: 'command', command: 'test -e app\necho no >&2\nexit 3' },
    ]);
    const sent = await commandsOf(async () => {
      // It goes in an exec of its own, where the program says what it thinks of it.
      expect(await host.run([step])).toMatchObject({ kind: 'failed', failure: { code: 'usage' } });
    });
    expect(sent).toHaveLength(1);
    await expect(
      host.run([probeStep(SERVICE, [{ kind: 'command', command: 'a\0' }])]),
    ).rejects.toThrow(RangeError);
  });

  test('is opened anew after a call that had no end, and the connection stays', async () => {
    const command = 'sleep 20';
    const sent = await commandsOf(async () => {
      const never = host.client.run([probeStep(SERVICE, [{ kind: 'command', command }])], {
        timeoutMs: 100,
      });
      expect(await never).toMatchObject({ kind: 'lost', failure: { code: 'step_timeout' } });
      expect(await host.run([status])).toMatchObject({ kind: 'ok' });
      expect(await host.run([status])).toMatchObject({ kind: 'ok' });
    });
    // Whether the login runs commands at all is asked beside it, after a call that timed out.
    expect(sent.filter((command) => command !== 'echo fleet')).toEqual([
      expect.stringMatching(/ serve \d+ step status /),
    ]);
  });

  test('is closed after a call whose reader throws, which gets the error', async () => {
    const onEvent = () => {
      throw new Error('a bug of the caller');
    };
    const call = host.client.run([status], { timeoutMs: 5_000, onEvent });
    await expect(call).rejects.toThrow('a bug of the caller');
    expect(await host.run([status])).toMatchObject({ kind: 'ok' });
  });

  test('makes room where the server allows one channel a connection', async () => {
    const client = createHostClient({
      connect: narrow(localConnection({ env: host.env })),
      root: host.root,
      program: loadHostProgram(),
    });
    const options = { timeoutMs: 5_000 };
    expect(await client.run([status], options)).toMatchObject({ kind: 'ok' });
    const lines = probeStep(SERVICE, [{ kind: 'command', command: 'true\ntrue' }]);
    expect(await client.run([lines], options)).toMatchObject({ kind: 'lost' });
    expect(await client.run([lines], options)).toMatchObject({ failure: { code: 'usage' } });
    expect(await client.run([status], options)).toMatchObject({ kind: 'ok' });
  });

  test('carries a payload between two calls', async () => {
    const by = ownership(2);
    await host.run([claim(by, one.id)]);
    const sent = await commandsOf(async () => {
      expect(await host.run([status])).toMatchObject({ kind: 'ok' });
      const { payload } = two;
      for (const form of [payload, Readable.from([payload.subarray(0, 9), payload.subarray(9)])]) {
        expect(await host.run([two.stage(by)], form)).toMatchObject({ kind: 'ok' });
        expect(await host.run([status])).toMatchObject({ kind: 'ok' });
      }
    });
    expect(sent).toEqual([]);
  });

  test('is opened anew after a payload that was refused, of which something may be left', async () => {
    const by = ownership(2);
    await host.run([claim(by, one.id)]);
    const refused = { ...two.stage(by), args: [['nonsense', '1'] as const] };
    const payload = Buffer.from(`call 9 1\nstep\n${'x'.repeat(1_000_000)}`);
    const sent = await commandsOf(async () => {
      expect(await host.run([refused], payload)).toMatchObject({ failure: { code: 'usage' } });
      expect(await host.run([status])).toMatchObject({ kind: 'ok' });
    });
    // Whether the login runs commands at all is asked beside it, after a call that timed out.
    expect(sent.filter((command) => command !== 'echo fleet')).toEqual([
      expect.stringMatching(/ serve \d+ step status /),
    ]);
  });

  test('loses a call whose payload cannot be read to its end', async () => {
    const by = ownership(2);
    await host.run([claim(by, one.id)]);
    const broken = new Readable({
      read() {
        this.push('x');
        this.destroy(new Error('the disk is gone'));
      },
    });
    const outcome = await host.run([two.stage(by)], broken);
    expect(outcome).toMatchObject({
      kind: 'lost',
      failure: { message: expect.stringContaining('the disk is gone') },
    });
    expect(await host.run([two.stage(by)], two.payload)).toMatchObject({ kind: 'ok' });
  });
});

/** Refuses an exec beside a conversation, as `MaxSessions 1` does. */
function narrow(connection: Connection): Connection {
  let taken = 0;
  return {
    open: true,
    close: () => connection.close(),
    converse(command, listener) {
      const conversation = connection.converse(command, listener);
      taken += 1;
      void conversation.ended.then(() => {
        taken -= 1;
      });
      return conversation;
    },
    async exec(command, options) {
      if (taken === 0) return connection.exec(command, options);
      return { kind: 'lost', message: 'open failed', stdout: '', stderr: '', truncated: false };
    },
  };
}

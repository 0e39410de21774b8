import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { CallEnd } from '../../src/host/channel/call-end.js';
import { createHostClient } from '../../src/host/client.js';
import { loadHostProgram } from '../../src/host/program.js';
import { readFacts } from '../../src/host/reply/facts.js';
import { factsStep, statusStep } from '../../src/host/steps/steps.js';
import type { Connection } from '../../src/transport/port.js';
import { answering } from './support/answering.js';
import { claim, ownership } from './support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE, SHELLS } from './support/fake-host.js';
import { fakeRelease, NOW } from './support/fake-release.js';
import { localConnection } from './support/local-connection.js';

const program = loadHostProgram();
const facts = factsStep(SERVICE, [], { releases: true });
const one = fakeRelease(1);

describe('a host without the program', () => {
  let host: FakeHost;
  afterEach(() => host.stop());

  test.each(SHELLS)('is read under %s without leaving anything there', async (shell) => {
    host = createFakeHost(shell);
    const outcome = await host.run([facts]);
    expect(readFacts(outcome.events)).toMatchObject({ phase: 'idle', root: 'missing' });
    expect(existsSync(host.root)).toBe(false);
    expect(await host.run([statusStep(SERVICE)])).toMatchObject({ kind: 'ok' });
    expect(host.commands).toHaveLength(3);
  });

  test('gets it with the first step that changes anything, and is one channel from then on', async () => {
    host = createFakeHost();
    expect(await host.run([claim(ownership(1), null)])).toMatchObject({ kind: 'ok' });
    expect(host.commands).toHaveLength(2);
    for (const step of [facts, statusStep(SERVICE), facts]) {
      expect(await host.run([step])).toMatchObject({ kind: 'ok' });
    }
    expect(host.commands).toHaveLength(3);
    const fleet = join(host.root, '.fleet');
    expect(statSync(fleet).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(fleet, 'bin'))).toEqual([program.sha256]);
  });

  test('gets it before a payload is sent, which is not mixed up with it', async () => {
    host = createFakeHost();
    const outcome = await host.run(
      [claim(ownership(1), null), one.stage(ownership(1))],
      one.payload,
    );
    expect(outcome).toMatchObject({ kind: 'ok', replies: [{ verb: 'claim' }, { verb: 'stage' }] });
  });

  test('says so where the root cannot be made', async () => {
    host = createFakeHost();
    const client = createHostClient({
      connect: localConnection({ env: host.env }),
      root: '/proc/shop',
      program,
    });
    const outcome = await client.run([claim(ownership(1), null)], { timeoutMs: 5_000 });
    expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'root_not_writable' } });
  });

  test('takes ~/ as the home of the login user', async () => {
    host = createFakeHost();
    const client = createHostClient({
      connect: localConnection({ env: host.env }),
      root: '~/my app',
      program,
    });
    const outcome = await client.run([claim(ownership(1), null), facts], { timeoutMs: 5_000 });
    expect(readFacts(outcome.events)?.phase).toBe('claimed');
    expect(existsSync(join(host.dir, 'my app/.fleet/state'))).toBe(true);
  });
});

describe('a login that runs something else is reported, with what that said:', () => {
  const run = (command: string) => {
    const real = localConnection({});
    const connect: Connection = {
      ...real,
      converse: (_, listener) => real.converse(command, listener),
    };
    const client = createHostClient({ connect, root: '/opt/shop', program });
    return client.run([statusStep(SERVICE)], { timeoutMs: 10_000 });
  };
  const said = (words: string) => ({
    failure: {
      code: 'bad_reply',
      message: `the login ran something else than the host program${words}`,
      hint: expect.stringContaining('ForceCommand'),
    },
  });

  test.each([
    ['a forced command', 'echo only backups here', '; it said: only backups here'],
    [
      'a nologin shell',
      'echo This account is not available; exit 1',
      '; it said: This account is not available',
    ],
    [
      'root of a cloud image',
      'echo Please login as ubuntu; sleep 0; exit 142',
      '; it said: Please login as ubuntu',
    ],
    ['the same on stderr', 'echo Go away >&2; exit 255', '; it said: Go away'],
    ['a file server', 'exit 1', ', and it said nothing'],
  ])('%s', async (_, command, words) => {
    expect(await run(command)).toMatchObject(said(words));
  });

  test('but a session that a signal ended without a word is a lost one', async () => {
    expect(await run('exit 137')).toMatchObject({ failure: { code: 'connection_lost' } });
  });
});

describe.each(['over the channel', 'by an exec of its own'])('how a call ends, %s', (way) => {
  const reply = '{"verb":"status","ok":true,"phase":"idle"}';

  const ended = (code: number, stderr = ''): CallEnd => ({ kind: 'exited', code, stderr });

  const clientOf = (end: CallEnd, lines: readonly string[]) =>
    createHostClient({ connect: answering(end, lines), root: '/opt/shop', program });

  // What has a payload is sent by an exec.
  const payload = way === 'over the channel' ? undefined : Buffer.alloc(0);
  const run = (end: CallEnd, lines: readonly string[] = []) =>
    clientOf(end, lines).run([statusStep(SERVICE)], { timeoutMs: 200, payload });

  test('banners around the reply do no harm', async () => {
    const lines = ['*** Authorised use only ***', reply, 'bye'];
    expect(await run(ended(0), lines)).toMatchObject({ kind: 'ok' });
  });

  test('no reply, a foreign reply, a torn reply: bad_reply, whatever the exit code', async () => {
    for (const lines of [
      [],
      ['{"verb":"claim","ok":true,"phase":"idle"}'],
      [reply, reply],
      ['{"verb":"st'],
    ]) {
      const outcome = await run(ended(0), lines);
      expect(outcome, String(lines)).toMatchObject({
        kind: 'failed',
        failure: { code: 'bad_reply' },
      });
    }
  });

  test('a line that claims to be ours and is not makes the whole call one', async () => {
    for (const odd of ['{"event":"explosion"}', '{"event":"unit","unit":7}', '{"event":']) {
      const outcome = await run(ended(0), [odd, reply]);
      expect(outcome, odd).toMatchObject({ kind: 'failed', failure: { code: 'bad_reply' } });
    }
  });

  test('a failure has its step, exit code, and the last lines without control characters', async () => {
    const stderr = `${Array.from({ length: 30 }, (_, n) => `line ${n}`).join('\n')}\n\x1b[31mred\x07\n`;
    const lines = [
      '|journal|\x1b]0;title\x07died',
      '{"verb":"status","ok":false,"phase":"idle","code":"usage","message":"it \\u001b[1m died"}',
    ];
    const outcome = await run(ended(1, stderr), lines);
    expect(outcome).toMatchObject({
      kind: 'failed',
      phase: 'idle',
      failure: {
        code: 'usage',
        message: 'it died',
        step: 'status',
        exit: 1,
        journal: ['died'],
      },
    });
    const shown = outcome.kind === 'failed' ? outcome.failure.stderr : undefined;
    expect(shown).toHaveLength(20);
    expect(shown?.at(-1)).toBe('red');
  });

  test('an end without an exit code is lost: it is unknown what was done', async () => {
    const ends: readonly (readonly [CallEnd, string])[] = [
      [{ kind: 'timed-out', stderr: '' }, 'step_timeout'],
      [{ kind: 'lost', message: 'gone', stderr: '' }, 'connection_lost'],
      [{ kind: 'signalled', signal: 'SIGKILL', stderr: '' }, 'step_failed'],
    ];
    for (const [end, code] of ends) {
      expect(await run(end)).toMatchObject({ kind: 'lost', failure: { code } });
    }
  });

  test('events are heard as they come', async () => {
    const heard: string[] = [];
    await clientOf(ended(0), ['{"event":"note","message":"one"}', reply]).run(
      [statusStep(SERVICE)],
      { timeoutMs: 1_000, payload, onEvent: (event) => heard.push(event.event) },
    );
    expect(heard).toEqual(['note']);
  });
});

describe('a call that is not answered', () => {
  test('has failed where the host cannot be reached, for nothing was sent', async () => {
    const failure = { code: 'unreachable', message: 'no route' } as const;
    const client = createHostClient({
      connect: async () => ({ kind: 'failed', failure }),
      root: '/opt/shop',
      program,
    });
    const outcome = await client.run([statusStep(SERVICE)], { timeoutMs: 1_000 });
    expect(outcome).toMatchObject({ kind: 'failed', failure });
  });

  test('is lost where a real step is given up, or has no time left', async () => {
    const host = createFakeHost();
    host.tool('df', '#!/bin/sh\nexec sleep 20\n');
    await host.run([claim({ ...ownership(1), at: NOW }, null)]);
    const controller = new AbortController();
    const call = host.client.run([facts], { timeoutMs: 300 });
    expect(await call).toMatchObject({ kind: 'lost', failure: { code: 'step_timeout' } });
    const aborted = host.client.run([facts], { timeoutMs: 9_000, signal: controller.signal });
    await delay(50);
    controller.abort();
    expect(await aborted).toMatchObject({ kind: 'lost', failure: { code: 'interrupted' } });
    expect(await host.run([statusStep(SERVICE)])).toMatchObject({ kind: 'ok' });
    host.stop();
  });
});

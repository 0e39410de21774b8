import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { NotifyYaml } from '../../src/config/fleet/sections/notify.js';
import { Courier } from '../../src/notify/deliver/courier.js';
import { sendNext } from '../../src/notify/deliver/delivery.js';
import type { Notice } from '../../src/notify/notice.js';
import { temporaryFolder } from '../transport/support/ssh-server.js';
import { httpReceiver, status } from './support/http-receiver.js';
import { noticesOfRun } from './support/notices.js';
import { entryFor, outboxStage, type StageOptions } from './support/outbox-stage.js';
import { verifyWebhook } from './support/standard-webhooks.js';

const KEY = `whsec_${btoa('k'.repeat(32))}`;
const NOTICES = noticesOfRun(40, 'canary');
const { signal } = new AbortController();
const NEXT = { signal, atOnce: false };
const AT_ONCE = { signal, atOnce: true };

const hook = (url: string): NotifyYaml => [{ webhook: { url } }];

/** An outbox with these notices for the first receiver. */
function filled(
  notify: NotifyYaml,
  notices: readonly Notice[] = NOTICES,
  options: StageOptions = {},
) {
  const stateDir = temporaryFolder();
  const stage = outboxStage(stateDir, notify, options);
  const [receiver] = stage.receivers.all;
  if (receiver === undefined) throw new Error('no receiver');
  const now = (options.now ?? (() => new Date()))();
  for (const notice of notices) stage.outbox.add(entryFor(receiver, notice, now), now);
  const { key } = receiver;
  const waiting = () => stage.outbox.waiting(key).map(({ entry }) => entry);
  return { ...stage, stateDir, key, waiting, next: (how = NEXT) => sendNext(stage.deps, key, how) };
}

function clockAt(start: number) {
  const clock = { ms: start };
  return {
    now: () => new Date(clock.ms),
    pass: (ms: number): void => {
      clock.ms += ms;
    },
  };
}

describe('letters of a receiver', () => {
  test('come in order, each once, signed for the time of the try', async () => {
    await using receiver = await httpReceiver();
    const secrets = { 'env:KEY': KEY };
    const stage = filled([{ webhook: { url: receiver.url, secret: 'env:KEY' } }], NOTICES, {
      secrets,
    });
    for (const _ of NOTICES) expect(await stage.next()).toMatchObject({ kind: 'moved' });
    expect(await stage.next()).toEqual({ kind: 'empty' });
    expect(receiver.got.map(({ body }) => JSON.parse(body).data.kind)).toEqual([
      'start',
      'trip',
      'rolled_back',
    ]);
    for (const { headers, body } of receiver.got) {
      const flat = Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, String(v)]));
      await verifyWebhook({ headers: flat, body }, [KEY]);
    }
    expect(stage.log.map(({ end }) => end)).toEqual(['sent', 'sent', 'sent']);
  });

  test('that are tried again have the same id, and those behind them wait', async () => {
    await using receiver = await httpReceiver(status(503));
    const clock = clockAt(Date.now());
    const stage = filled(hook(receiver.url), NOTICES, clock);
    expect(await stage.next()).toEqual({ kind: 'waits', ms: 1000, why: 'it answered 503' });
    expect(await stage.next()).toMatchObject({ kind: 'waits', ms: 1000 });
    expect(receiver.got).toHaveLength(1);
    clock.pass(1000);
    expect(await stage.next()).toMatchObject({ kind: 'waits', ms: 2000 });
    clock.pass(2000);
    receiver.answer(status(200));
    await stage.next();
    await stage.next();
    const ids = receiver.got.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids.slice(0, 3)).size).toBe(1);
    expect(ids[3]).not.toBe(ids[0]);
    expect(stage.waiting()).toHaveLength(1);
  });

  test('wait as long as the service says, but not for ever', async () => {
    await using receiver = await httpReceiver(status(429, { 'retry-after': '120' }));
    const stage = filled(hook(receiver.url));
    expect(await stage.next()).toMatchObject({ kind: 'waits', ms: 120_000 });
    receiver.answer(status(429, { 'retry-after': '999999' }));
    expect(await stage.next(AT_ONCE)).toMatchObject({ kind: 'waits', ms: 6 * 3_600_000 });
  });

  test('that are refused are removed, with a line, and the next is sent', async () => {
    await using receiver = await httpReceiver((response, got) =>
      status(got.length === 1 ? 410 : 200)(response, got),
    );
    const stage = filled(hook(receiver.url));
    expect(await stage.next()).toMatchObject({
      kind: 'moved',
      outcome: { end: 'refused', why: 'it answered 410' },
    });
    expect(await stage.next()).toMatchObject({ kind: 'moved', outcome: { end: 'sent' } });
  });

  test('that are a day old are removed, with a line', async () => {
    await using receiver = await httpReceiver();
    const clock = clockAt(Date.now());
    const stage = filled(hook(receiver.url), NOTICES.slice(0, 1), clock);
    clock.pass(25 * 3_600_000);
    expect(await stage.next()).toMatchObject({ outcome: { end: 'expired' } });
    expect(receiver.got).toEqual([]);
    expect(stage.waiting()).toEqual([]);
  });

  test('are not held up by a clock that was set back or forward', async () => {
    await using receiver = await httpReceiver(status(503));
    const clock = clockAt(Date.now());
    const stage = filled(hook(receiver.url), NOTICES, clock);
    await stage.next();
    clock.pass(-3_600_000);
    receiver.answer(status(200));
    expect(await stage.next()).toMatchObject({ outcome: { end: 'sent' } });
    // Added under the old clock, yet behind what was there.
    const [receiverOf] = stage.receivers.all;
    const [notice] = NOTICES;
    if (receiverOf === undefined || notice === undefined) throw new Error('nothing to add');
    stage.outbox.add(entryFor(receiverOf, { ...notice, seq: 99 }, clock.now()), clock.now());
    expect(stage.waiting().at(-1)?.notices[0]?.seq).toBe(99);
  });

  test('of a receiver that fleet.yaml does not have any more are removed', async () => {
    await using receiver = await httpReceiver();
    const stage = filled(hook(receiver.url));
    stage.receivers.all = [];
    expect(await stage.next()).toMatchObject({ outcome: { end: 'gone' } });
    expect(receiver.got).toEqual([]);
  });
});

describe('a receiver that', () => {
  test('redirects is not followed', async () => {
    await using other = await httpReceiver();
    await using receiver = await httpReceiver(status(307, { location: other.url }));
    expect(await filled(hook(receiver.url)).next()).toMatchObject({
      outcome: { end: 'refused', why: 'it answered 307, and fleet follows no redirect' },
    });
    expect(other.got).toEqual([]);
  });

  test('closes the connection is tried again', async () => {
    await using receiver = await httpReceiver((response) => void response.destroy());
    expect(await filled(hook(receiver.url)).next()).toMatchObject({ kind: 'waits', ms: 1000 });
  });

  test('answers without end is read only at its beginning', async () => {
    let written = 0;
    await using receiver = await httpReceiver((response) => {
      const more = (): void => {
        while (!response.destroyed && written < 1e9) {
          written += 65_536;
          if (!response.write(Buffer.alloc(65_536))) return void response.once('drain', more);
        }
      };
      more();
    });
    expect(await filled(hook(receiver.url)).next()).toMatchObject({ outcome: { end: 'sent' } });
    expect(written).toBeLessThan(50e6);
  });

  test('never answers holds the end up for the time that it is given, and no longer', async () => {
    await using receiver = await httpReceiver(() => undefined);
    const stage = filled(hook(receiver.url));
    const courier = new Courier(stage.deps, (message) => {
      throw new Error(message);
    });
    courier.wake([stage.key]);
    await receiver.arrived(1);
    const began = performance.now();
    await courier.close(300);
    expect(performance.now() - began).toBeLessThan(1500);
    const [first] = stage.waiting();
    expect(first).toMatchObject({ tries: 1, why: 'fleet ended meanwhile' });
    expect(stage.waiting()).toHaveLength(NOTICES.length);
  });

  test('is away for a moment gets all, while the run goes on', async () => {
    await using receiver = await httpReceiver((response, got) =>
      status(got.length === 1 ? 503 : 200)(response, got),
    );
    const stage = filled(hook(receiver.url));
    const courier = new Courier(stage.deps, () => undefined);
    courier.wake([stage.key]);
    await receiver.arrived(NOTICES.length + 1);
    await courier.close(2000);
    expect(stage.waiting()).toEqual([]);
  });
});

describe('processes', () => {
  const start = (stateDir: string, url: string): ChildProcess =>
    fork(new URL('./support/flush-process.ts', import.meta.url), [stateDir, url], {
      execArgv: ['--import', 'tsx'],
    });

  test('that send at the same time send each letter once, in order', async () => {
    await using receiver = await httpReceiver();
    const many = Array.from(
      { length: 20 },
      (_, seq): Notice => ({ ...(NOTICES[0] as Notice), seq }),
    );
    const stage = filled(hook(receiver.url), many);
    const all = [1, 2, 3].map(() => start(stage.stateDir, receiver.url));
    await Promise.all(all.map((each) => once(each, 'exit')));
    const ids = receiver.got.map(({ headers }) => headers['webhook-id']);
    expect(ids).toEqual(
      many.map(({ run, seq, at }) => `${run}.${seq}.${Date.parse(at).toString(36)}`),
    );
    expect(stage.waiting()).toEqual([]);
  });

  test('that are killed before the answer leave the letter, which another sends with its id', async () => {
    await using receiver = await httpReceiver(() => undefined);
    const stage = filled(hook(receiver.url));
    const killed = start(stage.stateDir, receiver.url);
    await receiver.arrived(1);
    expect(await stage.next()).toEqual({ kind: 'busy' });
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    receiver.answer(status(200));
    expect(await stage.next()).toMatchObject({ outcome: { end: 'sent' } });
    const [first, second] = receiver.got.map(({ headers }) => headers['webhook-id']);
    expect(second).toBe(first);
  });

  test('that are killed while they write leave nothing that is sent', async () => {
    await using receiver = await httpReceiver();
    const stage = filled(hook(receiver.url), NOTICES.slice(0, 1));
    const folder = join(stage.stateDir, 'outbox', stage.key);
    const [name = ''] = readdirSync(folder);
    writeFileSync(join(folder, `${name}.4711.tmp`), '{"schemaVersion":1,');
    await stage.next();
    expect(await stage.next()).toEqual({ kind: 'empty' });
    expect(receiver.got).toHaveLength(1);
  });

  test('leave what a newer fleet wrote, and remove what is damaged', async () => {
    await using receiver = await httpReceiver();
    const stage = filled(hook(receiver.url), NOTICES.slice(0, 1));
    const folder = join(stage.stateDir, 'outbox', stage.key);
    const newer = '000000000000001-aaaaaaaaaaaa.json';
    writeFileSync(join(folder, newer), '{"schemaVersion":99}');
    writeFileSync(join(folder, '000000000000002-aaaaaaaaaaaa.json'), '{"schemaVersion":1');
    expect(await stage.next()).toMatchObject({ outcome: { end: 'sent' } });
    expect(readdirSync(folder).filter((each) => each.endsWith('.json'))).toEqual([newer]);
    expect(stage.removed.join()).toContain('no entry of the outbox');
  });
});

describe('limits of a service', () => {
  const limits = { perMinute: 2, muteMs: 600_000, merges: true };

  test('are counted by all processes of this machine, to the minute', async () => {
    await using receiver = await httpReceiver();
    const clock = clockAt(Date.now());
    const stage = filled(hook(receiver.url), NOTICES, { ...clock, limits: { perMinute: 2 } });
    const again = outboxStage(stage.stateDir, hook(receiver.url), {
      ...clock,
      limits: { perMinute: 2 },
    });
    await stage.next();
    clock.pass(1000);
    await sendNext(again.deps, stage.key, NEXT);
    expect(await sendNext(again.deps, stage.key, AT_ONCE)).toMatchObject({
      kind: 'waits',
      ms: 59_000,
    });
    expect(receiver.got).toHaveLength(2);
    clock.pass(59_000);
    expect(await stage.next()).toMatchObject({ outcome: { end: 'sent' } });
  });

  test('make one letter of what had to wait', async () => {
    await using receiver = await httpReceiver();
    const clock = clockAt(Date.now());
    const four = [0, 1, 2, 3].map((seq): Notice => ({ ...(NOTICES[0] as Notice), seq }));
    const stage = filled(hook(receiver.url), four, { ...clock, limits });
    await stage.next();
    await stage.next();
    expect(await stage.next()).toMatchObject({ kind: 'waits' });
    clock.pass(60_000);
    expect(await stage.next()).toMatchObject({ outcome: { end: 'sent' } });
    expect(await stage.next()).toEqual({ kind: 'empty' });
    expect(receiver.got).toHaveLength(3);
    expect(JSON.parse(receiver.got[2]?.body ?? '').data.title).toBe('shop: 2 notices had to wait');
  });

  test('hold after a process died while it made one of them', async () => {
    await using receiver = await httpReceiver();
    const stage = filled(hook(receiver.url), NOTICES, { limits });
    const folder = join(stage.stateDir, 'outbox', stage.key);
    const names = readdirSync(folder).toSorted();
    const [first, ...others] = stage.outbox.waiting(stage.key);
    if (first === undefined) throw new Error('nothing waits');
    const texts = names.map((name) => readFileSync(join(folder, name)));
    stage.outbox.merge([first, ...others], { ...first.entry, notices: NOTICES });
    // As if it had died before it removed them.
    for (const [at, name] of names.entries()) {
      if (at > 0) writeFileSync(join(folder, name), texts[at] ?? '');
    }
    expect(stage.waiting()).toHaveLength(1);
    await stage.next();
    expect(await stage.next()).toEqual({ kind: 'empty' });
    expect(receiver.got).toHaveLength(1);
  });
});

describe('a secret', () => {
  test('is in no file of the outbox', async () => {
    await using receiver = await httpReceiver(status(503));
    const url = `${receiver.url}/token-4711`;
    const secrets = { 'env:HOOK': url, 'env:KEY': KEY };
    const stage = filled([{ webhook: { url: 'env:HOOK', secret: 'env:KEY' } }], NOTICES, {
      secrets,
    });
    await stage.next();
    expect(receiver.got).toHaveLength(1);
    for (const file of readdirSync(stage.stateDir, { recursive: true, encoding: 'utf8' })) {
      const text = readOr(join(stage.stateDir, file));
      for (const secret of [url, 'token-4711', KEY, receiver.url]) {
        expect(`${file} ${text}`).not.toContain(secret);
      }
    }
  });
});

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

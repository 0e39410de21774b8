import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { practiceLab } from '../lab/support/practice-lab.js';
import { type Got, httpReceiver, status } from '../notify/support/http-receiver.js';
import { verifyWebhook } from '../notify/support/standard-webhooks.js';
import { shopFleet } from './support/shop-fleet.js';

const practice = practiceLab({ hosts: 2, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });

const KEY = `whsec_${btoa('planted-secret-of-a-webhook-4711')}`;
const TOKEN = 'planted-token-0815';

const kindsOf = (got: readonly Got[]): readonly string[] =>
  got.map(({ body }) => JSON.parse(body).data.kind);

/** A bastion whose fleet.yaml has these receivers. */
function bastionWith(notify: string) {
  const at = shopFleet(() => practice.lab, 'waves: [1, rest], max_unavailable: 100%');
  appendFileSync(join(at.dir, 'fleet.yaml'), `notify: [${notify}]\n`);
  return at;
}

/** All that is in a folder: names and contents. */
const allIn = (folder: string): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => {
      const file = join(folder, name);
      return `${name}\n${statSync(file).isFile() ? readFileSync(file, 'latin1') : ''}`;
    })
    .join('\n');

describe('notices of a run', () => {
  test('arrive, signed, and their secrets are nowhere else', async () => {
    await using receiver = await httpReceiver();
    const at = bastionWith(
      '{ webhook: { url: file:hook.url, secret: file:hook.key }, name: ops, groups: [prod] }, { webhook: { url: file:hook.url }, groups: [nowhere] }',
    );
    writeFileSync(join(at.dir, 'hook.url'), `${receiver.url}?token=${TOKEN}\n`, { mode: 0o600 });
    writeFileSync(join(at.dir, 'hook.key'), `${KEY}\n`, { mode: 0o600 });
    writeFileSync(
      join(at.dir, 'fleet.yaml'),
      readFileSync(join(at.dir, 'fleet.yaml'), 'utf8').replace('groups: [nowhere]', 'on: trip'),
    );
    const ended = await at.deploy('good', '--json');
    expect(ended).toMatchObject({ code: 0 });
    expect(kindsOf(receiver.got)).toEqual(['start', 'ended']);
    const [first] = receiver.got;
    expect(first?.path).toContain(TOKEN);
    const headers = Object.fromEntries(
      Object.entries(first?.headers ?? {}).map(([name, value]) => [name, String(value)]),
    );
    await verifyWebhook({ headers, body: first?.body ?? '' }, [KEY], Date.UTC(2026, 0, 2, 3, 10));
    const listed = await at.typed(['notify', 'list']);
    expect(listed.stdout).toBe('No notice waits.\n');
    const said = [ended.stdout, ended.stderr, listed.stdout, allIn(join(at.dir, 'state'))].join(
      '\n',
    );
    for (const secret of [KEY, KEY.slice(6), TOKEN, 'planted-secret']) {
      expect(said).not.toContain(secret);
    }
  }, 60_000);

  test('that cannot be sent change neither the run nor its exit code, and delay its end by at most 2 s', async () => {
    const without = shopFleet(() => practice.lab, 'waves: [1, rest], max_unavailable: 100%');
    await without.deploy('good');
    const timed = async (at: ReturnType<typeof shopFleet>, name: string) => {
      const began = performance.now();
      const ended = await at.deploy(name);
      return { ended, ms: performance.now() - began };
    };
    const plain = await timed(without, 'other');
    await using hangs = await httpReceiver(() => undefined);
    await using fails = await httpReceiver(status(503));
    const at = bastionWith(
      `{ webhook: { url: "${hangs.url}" } }, { webhook: { url: "${fails.url}" } }, { webhook: { url: "http://127.0.0.1:9/x" } }, { webhook: { url: env:NOT_SET } }, { email: { to: a@b.example, from: c@d.example, host: 127.0.0.1, port: 9 } }`,
    );
    const { ended, ms } = await timed(at, 'another');
    expect(ended.code).toBe(plain.ended.code);
    expect(ms - plain.ms).toBeLessThan(3000);
    const { waiting } = JSON.parse((await at.typed(['notify', 'list', '--json'])).stdout);
    expect(waiting.map(({ to }: { to: string }) => to).toSorted()).toEqual(
      ['email 5', 'webhook 1', 'webhook 2', 'webhook 3', 'webhook 4'].flatMap((to) => [to, to]),
    );
    expect(ended.stderr).toContain(
      '2 notices for webhook 2 will be sent later (it answered 503); to send now: fleet notify flush',
    );
  }, 60_000);

  test('that are left are sent by the next command, or by fleet notify flush', async () => {
    await using receiver = await httpReceiver(status(503));
    const at = bastionWith(`{ webhook: { url: "${receiver.url}" }, name: ops, on: ended }`);
    await at.deploy('good');
    receiver.answer(status(200));
    const before = receiver.got.length;
    await at.typed(['history']);
    expect(receiver.got).toHaveLength(before + 1);
    receiver.answer(status(503));
    await at.deploy('other');
    expect((await at.typed(['notify', 'flush'])).code).toBe(4);
    receiver.answer(status(200));
    const flushed = await at.typed(['notify', 'flush']);
    expect(flushed).toMatchObject({ code: 0 });
    expect(flushed.stdout).toMatch(/^the notice "ended" of run \S+ for ops was sent\n$/);
    const ids = receiver.got.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(2);
    expect(readFileSync(join(at.dir, 'state/notify.log'), 'utf8')).toMatch(
      /^\S+ notice=sent run=\S+ kind=ended to=ops tries=\d+\n\S+ notice=sent .*\n$/,
    );
  }, 60_000);

  test('say of a failed run who failed and why, and that it is rolled back', async () => {
    await using receiver = await httpReceiver();
    const at = bastionWith(`{ webhook: { url: "${receiver.url}" }, on: [trip, rolled_back] }`);
    at.release('bad', 'exit 3');
    await at.typed([
      'deploy',
      '-i',
      practice.lab.inventoryFile,
      '-g',
      'prod',
      '--yes',
      '--from',
      './bad',
    ]);
    expect(kindsOf(receiver.got)).toEqual(['trip', 'rolled_back']);
    const { data } = JSON.parse(receiver.got.at(-1)?.body ?? '');
    expect(data).toMatchObject({ counts: { failed: 1, back: 1 }, state: 'rolled_back' });
    expect(data.failed[0].why).toMatch(/shop\.service/);
  }, 60_000);

  test('say of a run that fleet disconnected from that a person is needed', async () => {
    await using receiver = await httpReceiver();
    const at = bastionWith(`{ webhook: { url: "${receiver.url}" }, on: recovery_needed }`);
    at.release('slow');
    const words = ['deploy', '-i', practice.lab.inventoryFile, '-g', 'prod', '--yes'];
    await at.interrupted(
      ['wave 1 (canary): started', 'Ctrl-C'],
      ...words,
      '--from',
      './slow',
      '--output',
      'plain',
    );
    const [notice] = receiver.got.map(({ body }) => JSON.parse(body).data);
    expect(notice).toMatchObject({
      kind: 'recovery_needed',
      state: null,
      next: 'fleet recover -g prod',
    });
  }, 60_000);
});

describe('fleet notify test', () => {
  test('sends one real notice to each receiver, and says what came back', async () => {
    await using good = await httpReceiver();
    await using bad = await httpReceiver(status(404));
    const at = bastionWith(
      `{ webhook: { url: "${good.url}" }, name: ops, language: zh }, { webhook: { url: "${bad.url}" } }`,
    );
    const ended = await at.typed(['notify', 'test', '--event', 'trip']);
    expect(ended.code).toBe(4);
    expect(ended.stdout).toMatch(/^ops \(webhook, 127\.0\.0\.1:\d+\): sent in \d+ ms\n/);
    expect(ended.stdout).toContain('not sent: it answered 404');
    const { data } = JSON.parse(good.got[0]?.body ?? '');
    expect(data).toMatchObject({ test: true, title: '【测试】shop：向 all 的部署已在第 2 批停止' });
    expect((await at.typed(['notify', 'test', '--to', 'ops'])).code).toBe(0);
  });

  test('refuses a name that is not there, and a fleet.yaml without receivers', async () => {
    const at = bastionWith('{ webhook: { url: "http://127.0.0.1:9/x" }, name: ops }');
    const unknown = await at.typed(['notify', 'test', '--to', 'opps']);
    expect(unknown).toMatchObject({ code: 2 });
    expect(unknown.stderr).toContain('did you mean ops?');
    const none = await bastionWith('').typed(['notify', 'test']);
    expect(none).toMatchObject({ code: 2 });
    expect(none.stderr).toContain('names no receiver');
  });
});

import { describe, expect, test } from 'vitest';
import { type WebhookTarget, webhookAdapter } from '../../src/notify/adapters/webhook.js';
import type { RenderContext } from '../../src/notify/channel.js';
import { judgeStatus, retryAfterMs, shownUrl, usableUrl } from '../../src/notify/http.js';
import type { Letter } from '../../src/notify/notice.js';
import { noticeOfRun } from './support/notices.js';
import { verifyWebhook } from './support/standard-webhooks.js';

const [OLD, NEW] = ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', `whsec_${btoa('k'.repeat(32))}`];
const TARGET: WebhookTarget = { url: 'https://hooks.example/x', secrets: [], format: 'standard' };
const CONTEXT: RenderContext = {
  at: new Date(),
  id: 'run.7.ended',
  language: 'zh',
  bastion: 'bastion-1',
};
const LETTER: Letter = { kind: 'notice', notice: noticeOfRun(40, 'canary', 'rolled_back') };

const render = (target: Partial<WebhookTarget>, letter = LETTER) =>
  webhookAdapter.render(letter, { ...TARGET, ...target }, CONTEXT);

describe('a webhook', () => {
  test('is checked in these tests as the example of the specification is', async () => {
    const example = {
      headers: {
        'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        'webhook-timestamp': '1614265330',
        'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      },
      body: '{"test": 2432232314}',
    };
    await verifyWebhook(example, [OLD], 1_614_265_330_000);
    await expect(
      verifyWebhook({ ...example, body: '{}' }, [OLD], 1_614_265_330_000),
    ).rejects.toThrow('no signature');
  });

  test('is signed for receivers that have the old secret, the new one, or both', async () => {
    const request = render({ secrets: [NEW, OLD] });
    for (const secrets of [[OLD], [NEW], [OLD, NEW]]) await verifyWebhook(request, secrets);
    expect(request.headers['webhook-id']).toBe('run.7.ended');
    await expect(verifyWebhook(render({ secrets: [NEW] }), [OLD])).rejects.toThrow('no signature');
  });

  test('without a secret has no signature', () => {
    expect(render({}).headers).not.toHaveProperty('webhook-signature');
  });

  test('has what the notice knows, and its title', () => {
    expect(JSON.parse(render({}).body)).toMatchObject({
      type: 'fleet.run.rolled_back',
      timestamp: LETTER.kind === 'notice' ? LETTER.notice.at : '',
      data: {
        title: 'shop：向 prod 的部署失败，主机已回滚',
        app: 'shop',
        state: 'rolled_back',
        failed: [{ host: 'web01' }],
        test: false,
      },
    });
  });

  test('as a CloudEvent has the attributes of CloudEvents 1.0', async () => {
    const request = render({ format: 'cloudevents', secrets: [NEW] });
    await verifyWebhook(request, [NEW]);
    expect(request.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    expect(JSON.parse(request.body)).toMatchObject({
      specversion: '1.0',
      id: 'run.7.ended',
      source: '//bastion-1/fleet',
      type: 'fleet.run.rolled_back',
      subject: noticeOfRun(40, 'canary', 'rolled_back').run,
      datacontenttype: 'application/json',
      data: { app: 'shop' },
    });
  });

  test('is never longer than 20 kB', () => {
    const notice = noticeOfRun(40, 'canary', 'rolled_back');
    const [host] = notice.failed;
    if (host === undefined) throw new Error('no host failed');
    const failed = Array.from({ length: 100 }, () => ({ ...host, why: '长'.repeat(500) }));
    const body = render({}, { kind: 'notice', notice: { ...notice, failed } }).body;
    expect(Buffer.byteLength(body)).toBeLessThan(20_000);
    expect(JSON.parse(body).data.failed.length).toBeGreaterThan(3);
  });
});

describe('settings of a webhook', () => {
  const read = async (written: string) =>
    ({ 'env:URL': ' https://x.example/a?b=c\n', 'env:KEY': NEW, 'env:BAD': 'hunter2' })[written] ??
    written;

  test('are read when it is used', async () => {
    const target = await webhookAdapter.resolve({ url: 'env:URL', secret: ['env:KEY'] }, read);
    expect(target).toEqual({ url: 'https://x.example/a?b=c', secrets: [NEW], format: 'standard' });
  });

  test('with a secret of another form are refused, without saying it', async () => {
    const refusal = webhookAdapter.resolve({ url: 'env:URL', secret: 'env:BAD' }, read);
    await expect(refusal).rejects.toThrow('no key of Standard Webhooks');
    await expect(refusal).rejects.not.toThrow('hunter2');
  });

  test.each([
    ['http://x.example/secret', 'it is not https'],
    ['https://u:secret@x.example/', 'it has a user'],
    ['secret', 'it is no URL'],
    ['file:///etc/secret', 'it is not https'],
    ['https://acme.webhook.office.com/webhookb2/secret', 'are gone'],
  ])('refuse %s, without saying it', (url, why) => {
    const use = () => usableUrl(url, 'env:HOOK');
    expect(use).toThrow(why);
    expect(use).not.toThrow('secret');
  });

  test('allow a receiver on this machine without TLS', () => {
    for (const host of ['127.0.0.1', 'localhost', '[::1]']) usableUrl(`http://${host}:1/`, '');
  });

  test('show the host and the last four characters of a URL', () => {
    expect(shownUrl('https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef')).toBe(
      'oapi.dingtalk.com/…cdef',
    );
    expect(shownUrl('https://hooks.example/x')).toBe('hooks.example');
  });
});

describe('an answer', () => {
  const answer = (status: number, headers = {}) => judgeStatus({ status, headers, body: '' });

  test.each([200, 201, 202, 204])('%i is sent', (status) => {
    expect(answer(status)).toEqual({ kind: 'sent' });
  });

  test.each([408, 409, 425, 429, 500, 502, 503, 504])('%i is worth another try', (status) => {
    expect(answer(status)).toMatchObject({ kind: 'retry', afterMs: null });
  });

  test.each([301, 302, 307, 308, 400, 401, 403, 404, 410, 413])('%i is a refusal', (status) => {
    expect(answer(status)).toMatchObject({ kind: 'refused' });
  });

  test('says when to try again, in seconds or as a date', () => {
    expect(answer(429, { 'retry-after': '120' })).toMatchObject({ afterMs: 120_000 });
    const at = Date.parse('2026-11-30T12:00:00Z');
    expect(retryAfterMs({ 'retry-after': 'Mon, 30 Nov 2026 12:01:00 GMT' }, at)).toBe(60_000);
    expect(retryAfterMs({ 'retry-after': 'Mon, 30 Nov 2026 11:00:00 GMT' }, at)).toBe(0);
    expect(retryAfterMs({ 'retry-after': 'soon' }, at)).toBe(null);
  });
});

import { describe, expect, test } from 'vitest';
import { buildReceivers } from '../../../src/config/fleet/receivers.js';
import { mistakes, withLeast } from '../support/least-config.js';

const receivers = (text: string) => buildReceivers(withLeast(text).written.notify, '/srv');
const about = async (receiver: string): Promise<string> =>
  (await mistakes(`notify: [${receiver}]`)).join('\n');

describe('notify', () => {
  test('has defaults: every notice of every run, in English', () => {
    expect(receivers('notify: [{ webhook: { url: env:HOOK } }]')).toEqual([
      {
        kind: 'webhook',
        settings: { url: 'env:HOOK' },
        name: 'webhook 1',
        key: expect.stringMatching(/^[0-9a-f]{16}$/),
        on: ['start', 'paused', 'trip', 'rolled_back', 'recovery_needed', 'ended'],
        groups: [],
        language: 'en',
        folder: '/srv',
      },
    ]);
  });

  test('is narrowed to notices, groups and a language', () => {
    const [receiver] = receivers(
      'notify: [{ webhook: { url: "https://x.example/a" }, name: ops, on: [trip, ended], groups: prod, language: zh }]',
    );
    expect(receiver).toMatchObject({
      name: 'ops',
      on: ['trip', 'ended'],
      groups: ['prod'],
      language: 'zh',
    });
  });

  test('knows a receiver again while it is the same place to send to', () => {
    const [first, second, third] = receivers(
      'notify: [{ webhook: { url: env:A } }, { webhook: { url: env:A, secret: env:S }, on: trip }, { webhook: { url: env:B } }]',
    );
    expect(second?.key).toBe(first?.key);
    expect(third?.key).not.toBe(first?.key);
  });
});

describe('mistakes in notify are shown with their line', () => {
  test.each([
    ['{ on: [trip] }', 'a receiver needs one of'],
    ['{ webhok: { url: env:A } }', 'did you mean webhook?'],
    ['{ webhook: { url: env:A }, on: [tripp] }', 'did you mean trip?'],
    ['{ webhook: { url: env:A }, language: fr }', 'one of en, zh'],
    ['{ webhook: { url: "http://hooks.example/x" } }', 'an https URL'],
    ['{ webhook: { url: "https://hooks.example/x?token=t" } }', 'an https URL without ?'],
    ['{ webhook: { url: "https://a.webhook.office.com/webhookb2/x" } }', 'are gone'],
    ['{ webhook: { url: env:A, secret: whsec_abc } }', 'env:NAME or file:PATH'],
    ['{ webhook: { url: env:A, secret: [] } }', 'env:NAME or file:PATH'],
    ['{ dingtalk: { url: env:A } }', 'secret, keyword or ip_list: true'],
    ['{ dingtalk: { url: env:A, keyword: "" } }', 'a word'],
    ['{ dingtalk: { url: env:A, secret: SEC1 } }', 'env:NAME or file:PATH'],
    ['{ dingtalk: { url: env:A, keyword: x, at: { mobiles: [13800000000] } } }', 'in quotes'],
    ['{ dingtalk: { url: env:A, keyword: x, at: { users: "<@a>" } } }', 'the id of a user'],
    ['{ wecom: { url: "https://qyapi.weixin.qq.com/x?key=k" } }', 'the URL is a secret'],
    ['{ wecom: { url: env:A, secret: env:B } }', 'secret'],
    ['{ feishu: { url: env:A, at: { mobiles: ["13800000000"] } } }', 'mobiles'],
    ['{ slack: { url: "https://hooks.slack.com/services/T/B/X" } }', 'the URL is a secret'],
    ['{ teams: {} }', 'url'],
  ])('%s', async (receiver, problem) => {
    const found = await about(receiver);
    expect(found).toContain(problem);
    expect(found).toMatch(/^4:\d+ /);
  });

  test('a receiver on this machine needs no TLS', () => {
    const text = 'notify: [{ webhook: { url: "http://127.0.0.1:8080/hook" } }]';
    expect(receivers(text)).toHaveLength(1);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asHostName } from '../../src/model/names.js';
import { LANGUAGES } from '../../src/model/runs/notices.js';
import { RUN_STATES } from '../../src/model/runs/run.js';
import type { Letter, Notice } from '../../src/notify/notice.js';
import { bytesOf, cutBytes } from '../../src/notify/text/cut.js';
import { defused } from '../../src/notify/text/defused.js';
import { fitted, type Message, messageOf } from '../../src/notify/text/message.js';
import { noticeOfRun, noticesOfRun } from './support/notices.js';

const letter = (notice: Notice): Letter => ({ kind: 'notice', notice });

const flat = ({ title, facts, failed, next, colon }: Message): string =>
  [
    title,
    ...facts.map(({ label, value }) => `${label}${colon}${value}`),
    ...(failed === null ? [] : [failed.label]),
    ...(failed?.lines ?? []).map(({ hosts, why }) => `${hosts}${colon}${why}`),
    ...(failed?.more == null ? [] : [failed.more]),
    ...(next === null ? [] : [`${next.label}${colon}${next.command}`]),
  ].join('\n');

/** An end with so many failed hosts, all for one reason. */
function failing(count: number, why: (at: number) => string = () => 'probe: 503'): Notice {
  const notice = noticeOfRun(40, 'canary', 'rolled_back');
  const failed = Array.from({ length: Math.min(count, 100) }, (_, at) => ({
    host: asHostName(`web${String(at + 1).padStart(3, '0')}`),
    why: why(at),
  }));
  return { ...notice, failed, counts: { ...notice.counts, failed: count } };
}

describe('a message', () => {
  test('in English', () => {
    expect(flat(messageOf(letter(noticeOfRun(40, 'canary', 'rolled_back')), 'en'))).toBe(
      [
        'shop: deploy to prod failed; its hosts are rolled back',
        'Release: 20261101T090000-77aa001 → 20261123T160000-1f3c9a0',
        'Hosts: 0 of 40 done, 1 rolled back, 1 failed',
        'Stopped: more hosts failed than tolerated: web01',
        'By: ann@bastion',
        'Duration: 10 s',
        'Run: 20261123T164154-k3vq',
        'Failed',
        'web01: shop.service died 0.3s after its start (Result=exit-code)',
        'Next: fleet show 20261123T164154-k3vq',
      ].join('\n'),
    );
  });

  test('in Chinese', () => {
    expect(flat(messageOf(letter(noticeOfRun(40, 'canary', 'rolled_back')), 'zh'))).toBe(
      [
        'shop：向 prod 的部署失败，主机已回滚',
        '版本：20261101T090000-77aa001 → 20261123T160000-1f3c9a0',
        '主机：共 40 台，完成 0 台，回滚 1 台，失败 1 台',
        '停止原因：失败的主机超过允许的数量：web01',
        '操作人：ann@bastion',
        '耗时：10 秒',
        '运行编号：20261123T164154-k3vq',
        '失败主机',
        'web01：shop.service died 0.3s after its start (Result=exit-code)',
        '下一步：fleet show 20261123T164154-k3vq',
      ].join('\n'),
    );
  });

  test('folds hosts with one reason, and counts those that it does not name', () => {
    const [en, zh] = LANGUAGES.map((language) => flat(messageOf(letter(failing(312)), language)));
    expect(en).toContain('web[001:100]: probe: 503\nand 212 more');
    expect(zh).toContain('web[001:100]：probe: 503\n另有 212 台');
  });

  test('has words for every notice and every end, in each language', () => {
    const ends = RUN_STATES.map((state) => ({ ...noticeOfRun(4, 'success', 'ended'), state }));
    const all = [...noticesOfRun(40, 'down'), ...noticesOfRun(40, 'mid'), ...ends];
    for (const work of ['deploy', 'rollback'] as const) {
      for (const notice of all) {
        for (const language of LANGUAGES) {
          const text = flat(messageOf(letter({ ...notice, work }), language));
          expect(text).not.toMatch(/undefined|null|NaN|\[object/);
          // No sentence of the other language is left in it.
          if (language === 'zh') expect(text.split('\n')[0]).toMatch(/[\u4e00-\u9fff]/);
        }
      }
    }
  });

  test('of notices that had to wait is one, in their order', () => {
    const [first, ...others] = noticesOfRun(40, 'canary');
    if (first === undefined) throw new Error('no notices');
    const message = messageOf({ kind: 'summary', notices: [first, ...others] }, 'zh');
    expect(message.title).toBe('shop：有 3 条通知延迟发送');
    expect(message.facts.map(({ value }) => value)).toEqual([
      'shop：开始向 prod 部署 20261123T160000-1f3c9a0（40 台主机）',
      'shop：向 prod 的部署已在第 1 批（金丝雀）停止',
      'shop：向 prod 的部署失败，主机已回滚',
    ]);
  });

  test('of a test says so', () => {
    const notice = noticeOfRun(4, 'success', 'ended');
    expect(messageOf({ kind: 'notice', notice, isTest: true }, 'en').title).toMatch(/^\[test\] /);
    expect(messageOf({ kind: 'notice', notice, isTest: true }, 'zh').title).toMatch(/^【测试】/);
  });

  test('has no line break and no control character, whatever a host says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const notice = {
          ...failing(3, () => `${text}\u001b[2J\r\n${text}`),
          reason: text,
          app: text,
        };
        const { title, facts, failed } = messageOf(letter(notice), 'en');
        const parts = [
          title,
          ...facts.map(({ value }) => value),
          ...(failed?.lines ?? []).map(({ why }) => why),
        ];
        expect(parts.join('')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a text that is too long', () => {
  test('loses lines of failed hosts first, and keeps the command to type', () => {
    const notice = failing(100, (at) => `reason ${at} ${'长'.repeat(60)}`);
    const text = fitted(letter(notice), 'zh', { bytes: 1200, write: flat });
    expect(bytesOf(text)).toBeLessThanOrEqual(1200);
    expect(text).toContain('下一步：fleet show');
    expect(text).toMatch(/另有 \d+ 台/);
  });

  test('is never longer than the service takes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        fc.integer({ min: 3, max: 3000 }),
        (why, bytes) => {
          const text = fitted(letter(failing(50, (at) => `${at} ${why}`)), 'zh', {
            bytes,
            write: flat,
          });
          expect(bytesOf(text)).toBeLessThanOrEqual(bytes);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('is cut behind a whole character, as people see it', () => {
    expect(cutBytes('ab👩‍👩‍👧‍👦cd', 10)).toBe('ab…');
    expect(cutBytes('部署失败', 9)).toBe('部署…');
    expect(cutBytes('e\u0301e\u0301', 6)).toBe('e\u0301e\u0301');
    expect(cutBytes('e\u0301e\u0301', 5)).toBe('…');
    expect(cutBytes('short', 100)).toBe('short');
    expect(cutBytes('long', 2)).toBe('');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(100), (text, most) => {
        expect(bytesOf(cutBytes(text, most))).toBeLessThanOrEqual(most);
      }),
    );
  });
});

test('text of a host makes no mention and no link', () => {
  const text = defused('@all see https://evil.example www.evil.example');
  expect(text).not.toMatch(/@all|:\/\/|www\.evil/);
  expect(text.replaceAll('\u200b', '')).toBe('@all see https://evil.example www.evil.example');
});

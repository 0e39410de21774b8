import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Language } from '../../src/model/runs/notices.js';
import { mailOf } from '../../src/notify/adapters/mail-text.js';
import { webhookAdapter } from '../../src/notify/adapters/webhook.js';
import type { Letter } from '../../src/notify/notice.js';
import { sampleNotice } from '../../src/notify/sample.js';

const page = readFileSync(new URL('../../docs/notifications.md', import.meta.url), 'utf8');
const at = new Date('2026-01-31T12:01:35Z');
const of = { app: 'shop', group: 'prod', operator: 'ann@bastion', at };
const letter: Letter = { kind: 'notice', notice: sampleNotice('rolled_back', of) };
const context = (language: Language) => ({ at, id: 'run.42.a', language, bastion: 'bastion' });

/** The blocks of one language, fenced as ```text. */
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, name, text = '']) =>
    name === language ? [text] : [],
  );

test('docs/notifications.md shows the mail that arrives, in each language', () => {
  const mails = (['en', 'zh'] as const).map((language) => {
    const { subject, text } = mailOf(letter, context(language));
    return `Subject: ${subject}\n\n${text}`.replaceAll('\u200b', '');
  });
  expect(blocks('text')).toEqual(mails);
});

test('docs/notifications.md shows the body that a webhook gets', () => {
  const target = { url: 'https://hooks.example', secrets: [], format: 'standard' } as const;
  const { body } = webhookAdapter.render(letter, target, context('en'));
  expect(blocks('json').map((block) => JSON.parse(block))).toEqual([JSON.parse(body)]);
});

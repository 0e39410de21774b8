import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Language } from '../../src/model/runs/notices.js';
import { dingtalkAdapter } from '../../src/notify/adapters/dingtalk.js';
import { feishuAdapter } from '../../src/notify/adapters/feishu.js';
import { slackAdapter } from '../../src/notify/adapters/slack.js';
import { teamsAdapter } from '../../src/notify/adapters/teams.js';
import { wecomAdapter } from '../../src/notify/adapters/wecom.js';
import type { Letter } from '../../src/notify/notice.js';
import { sampleNotice } from '../../src/notify/sample.js';

const page = readFileSync(new URL('../../docs/notify-robots.md', import.meta.url), 'utf8');
const at = new Date('2026-01-31T12:01:35Z');
const of = { app: 'shop', group: 'prod', operator: 'ann@bastion', at };
const letter: Letter = { kind: 'notice', notice: sampleNotice('rolled_back', of) };
const context = (language: Language) => ({ at, id: 'run.42.a', language, bastion: 'bastion' });

/** What each service gets to show, in the order of the page. */
function arriving(language: Language): readonly string[] {
  const url = 'https://robot.example/?access_token=1';
  const secret = { secret: null, keyword: null };
  const people = { mobiles: [], users: [], all: false };
  const on = context(language);
  const body = (request: { readonly body: string }) => JSON.parse(request.body);
  const dingtalk = body(dingtalkAdapter.render(letter, { url, ...secret, ...people }, on));
  const wecom = body(wecomAdapter.render(letter, { url, ...people }, on));
  const { card } = body(feishuAdapter.render(letter, { url, ...secret, mentions: [] }, on));
  const slack = body(slackAdapter.render(letter, { url }, on));
  const [teams] = body(teamsAdapter.render(letter, { url }, on)).attachments;
  const texts = (blocks: readonly { text: { text?: string; content?: string } }[]): string =>
    blocks.map(({ text }) => text.text ?? text.content).join('\n\n');
  return [
    dingtalk.markdown.text,
    wecom.markdown.content,
    `${card.header.title.content}\n\n${texts(card.elements)}`,
    texts(slack.blocks),
    teams.content.body
      .map(
        ({ spacing, inlines: [run] }: { spacing: string; inlines: readonly [{ text: string }] }) =>
          `${spacing === 'Medium' ? '\n' : ''}${run.text}`,
      )
      .join('\n'),
  ].map((text) => `${text}\n`.replaceAll('\u200b', ''));
}

test('docs/notify-robots.md shows what arrives in each service', () => {
  const blocks = [...page.matchAll(/^```(?:text|markdown)\n([\s\S]*?)^```$/gm)].map(
    ([, text]) => text,
  );
  const [zh, en] = [arriving('zh'), arriving('en')];
  expect(blocks).toEqual([zh[0], zh[1], zh[2], en[3], en[4]]);
});

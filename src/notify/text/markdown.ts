import { defused } from './defused.js';
import type { Message } from './message.js';

/** What a client of Markdown reads as markup, and what is shown in its place. */
const LOOKS_ALIKE: Readonly<Record<string, string>> = {
  '*': '＊',
  '`': '｀',
  '[': '［',
  ']': '］',
  '<': '＜',
  '>': '＞',
  '#': '＃',
  '~': '～',
  '|': '｜',
  '\\': '＼',
  '!': '！',
  '&': '＆',
  _: '＿',
  $: '＄',
};

/**
 * Text of hosts and files in the Markdown of DingTalk and WeCom. They know no escape, neither `\` nor `&lt;`, so
 * what would be markup becomes its full-width form. A `_` within a word is none, and stays: names have it.
 */
export const escapedMarkdown = (text: string): string =>
  defused(
    text.replace(
      /[*`[\]<>#~|\\!&$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g,
      (mark) => LOOKS_ALIKE[mark] ?? mark,
    ),
  );

/** A message in the Markdown that DingTalk and WeCom both read. A line break needs an empty line there. */
export function markdownOf({ title, facts, failed, next, colon }: Message): string {
  const bold = (label: string): string => `**${label}${colon.trimEnd()}** `;
  const escaped = escapedMarkdown;
  const items =
    failed?.lines.map(({ hosts, why }) => `> ${escaped(hosts)}${colon}${escaped(why)}`) ?? [];
  return [
    `#### ${escaped(title)}`,
    ...facts.map(({ label, value }) => bold(escaped(label)) + escaped(value)),
    ...(failed === null ? [] : [bold(failed.label).trimEnd(), ...items]),
    ...(failed?.more == null ? [] : [`> ${failed.more}`]),
    ...(next === null ? [] : [`${bold(next.label)}${escaped(next.command)}`]),
  ].join('\n\n');
}

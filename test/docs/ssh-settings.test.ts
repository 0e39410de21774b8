import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SSH_ROWS } from '../../src/config/settings/ssh-settings.js';

const PAGE = readFileSync(new URL('../../docs/config.md', import.meta.url), 'utf8');

/** The cells of the rows of a table of the page, which is found by its first heading cell. */
function tableOf(heading: string): readonly (readonly string[])[] {
  const lines = PAGE.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} `));
  const end = lines.findIndex((line, at) => at > start && !line.startsWith('|'));
  return lines.slice(start + 2, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const code = (word: string): string => `\`${word}\``;

test('docs/config.md has every ssh setting, with its default and what it does', () => {
  expect(tableOf('`ssh` key')).toEqual(SSH_ROWS.map(([key, { words }]) => [code(key), ...words]));
});

test('docs/config.md has every keyword of ssh_config that fleet takes, and what it becomes', () => {
  const taken = SSH_ROWS.flatMap(([key, { sshConfig }]) => {
    if (sshConfig === undefined) return [];
    const note = sshConfig.note === undefined ? '' : `: ${sshConfig.note}`;
    return [[sshConfig.keywords.map(code).join(', '), `${code(key)}${note}`]];
  });
  const found = tableOf('keyword of ssh_config');
  expect(found.map(([keyword]) => keyword)).toEqual([
    '`HostName`',
    ...taken.map(([keyword]) => keyword),
    '`ProxyCommand`',
  ]);
  expect(found.slice(1, -1)).toEqual(taken);
});

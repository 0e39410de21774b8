import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { processContext } from '../../src/cli/context/context.js';
import { createProgram } from '../../src/cli/main.js';

const text = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');

/** The text under each `### fleet …`. */
const sections = new Map(
  text
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const [title = '', ...body] = section.split('\n');
      return [title, body.join('\n').split(/^## /m)[0] ?? ''] as const;
    }),
);
const common = text.slice(
  text.indexOf('## Flags of every command'),
  text.indexOf('## How progress'),
);

function leaves(command: Command, name: string): readonly (readonly [string, Command])[] {
  const below = command.commands.flatMap((each) => leaves(each, `${name} ${each.name()}`));
  // A group of commands has no flags of its own.
  const isCommand = command.options.some(({ long }) => long === '--json');
  return isCommand ? [[name, command], ...below] : below;
}

const commands = leaves(
  createProgram(processContext(), () => {}),
  'fleet',
);

describe('docs/cli.md', () => {
  test.each(commands)('has a heading for %s, and every flag', (name, command) => {
    const section = sections.get(name);
    expect(section).toBeDefined();
    const flags = command.options.map((option) => option.long ?? '');
    expect(flags.filter((flag) => !`${common}${section}`.includes(flag))).toEqual([]);
  });

  test('has a heading for nothing else', () => {
    const known = new Set(commands.map(([name]) => name));
    expect([...sections.keys()].filter((name) => !known.has(name))).toEqual([]);
  });
});

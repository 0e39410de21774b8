import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { processContext } from '../../src/cli/context/context.js';
import { createProgram } from '../../src/cli/main.js';
import { FAULT_KINDS } from '../../src/lab/fault.js';
import { argumentsOf } from './support/shell-words.js';

const program = createProgram(processContext(), () => {});

function all(command: Command, name: string): readonly (readonly [string, Command])[] {
  return [
    [name, command],
    ...command.commands.flatMap((each) => all(each, `${name} ${each.name()}`)),
  ];
}

const commands = all(program, 'fleet');
const leaves = commands.filter(([, command]) => command.commands.length === 0);

const examplesOf = (help: string): readonly string[] =>
  [...help.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line = '']) => line);

/** The calls of fleet in an example, without comments and what the shell does with the output. */
const calls = (example: string): readonly (readonly string[])[] =>
  example
    .replace(/\s+#.*$/, '')
    .split(' && ')
    .filter((call) => call.startsWith('fleet '))
    .map((call) => argumentsOf(call.replace(/ >.*$/, '')));

/** Why the words do not fit a command, or null. */
function misfit(words: readonly string[]): string | null {
  let command = program;
  for (const [at, word] of words.entries()) {
    const child = command.commands.find((each) => each.name() === word);
    if (child !== undefined) command = child;
    else if (command === program) return `no command ${word}`;
    else if (command.name() === 'exec' && !word.startsWith('-') && words[at - 1] !== '-g')
      return null;
    else if (word === '--') return null;
    else if (word.startsWith('-') && !knows(command, word)) return `no flag ${word}`;
  }
  return null;
}

const knows = (command: Command, word: string): boolean =>
  command.options.some(({ short, long }) => word === short || word === long);

describe('the help', () => {
  test.each(commands)('of %s fits a terminal of 80 columns', (_, command) => {
    const long = command
      .helpInformation()
      .split('\n')
      .filter((line) => line.length > 80);
    expect(long).toEqual([]);
  });

  test.each(commands)(
    'of %s has its purpose in one line, then one to four examples',
    (_, command) => {
      const help = command.helpInformation();
      expect(help.split('\n')[2]).toMatch(/^[A-Z].*\.$/);
      expect(examplesOf(help).length).toBeGreaterThanOrEqual(1);
      expect(examplesOf(help).length).toBeLessThanOrEqual(4);
    },
  );

  test.each(commands)('of %s has examples that fleet would take', (_, command) => {
    const examples = examplesOf(command.helpInformation());
    const found = examples.flatMap(calls).map(misfit);
    expect(found).toEqual(found.map(() => null));
  });

  test.each(commands)('of %s lists each command below it in one line', (_, command) => {
    const lines = command.helpInformation().split('\n');
    const broken = command.commands.filter(
      (each) =>
        !lines.some(
          (line) => line.startsWith(`  ${each.name()} `) && line.endsWith(each.summary()),
        ),
    );
    expect(broken.map((each) => each.name())).toEqual([]);
  });

  test.each(leaves)('of %s groups the flags: what, where, how, how it is shown', (_, command) => {
    const headings: readonly string[] = command.helpInformation().match(/^[A-Z]\w+:$/gm) ?? [];
    const order = ['Examples:', 'Arguments:', 'What:', 'Where:', 'How:', 'Records:', 'Output:'];
    expect(headings).toEqual(order.filter((each) => headings.includes(each)));
  });

  test('of a fault names every kind', () => {
    const help = new Map(commands).get('fleet lab fault')?.helpInformation() ?? '';
    expect(FAULT_KINDS.filter((kind) => !help.includes(kind))).toEqual([]);
  });
});

import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { processContext } from '../../src/cli/context/context.js';
import { createProgram } from '../../src/cli/main.js';
import { FAULT_KINDS } from '../../src/lab/fault.js';

function allOf(command: Command, name: string): readonly (readonly [string, Command])[] {
  return [
    [name, command],
    ...command.commands.flatMap((each) => allOf(each, `${name} ${each.name()}`)),
  ];
}

const program = createProgram(processContext(), () => {});
const commands = allOf(program, 'fleet');

describe('the help', () => {
  test.each(commands)('of %s is a line of purpose, examples, and then flags', (name, command) => {
    const help = command.helpInformation();
    expect(help).toMatch(/^Usage: .*\n\n[A-Z].*\.\n\nExamples:\n( {2}\$ .*\n){1,3}\n/);
    expect(help).toContain(`${name} `);
    expect(help.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('groups the flags of a deploy by what, where, how and output', () => {
    const deploy = commands.find(([name]) => name === 'fleet deploy')?.[1];
    const headings = deploy?.helpInformation().match(/^\w+:$/gm);
    expect(headings).toEqual(['Examples:', 'What:', 'Where:', 'How:', 'Output:']);
  });

  test('of a fault names every kind', () => {
    const fault = commands.find(([name]) => name === 'fleet lab fault')?.[1];
    const help = fault?.helpInformation() ?? '';
    expect(FAULT_KINDS.filter((kind) => !help.includes(kind))).toEqual([]);
  });
});

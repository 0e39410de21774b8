import type { Command } from 'commander';
import { processContext } from '../../../src/cli/context/context.js';
import { createProgram } from '../../../src/cli/main.js';

/** The words behind `fleet`. */
export type Words = readonly string[];

/**
 * What of a text behind `fleet` is a command: its name, arguments and flags, up to the first word that
 * belongs to the sentence again. Null where no command has that name.
 */
export function commandAt(words: Words): Words | null {
  const found = findCommand(newProgram(), words);
  if (found === null) return null;
  const { command, depth } = found;
  let free = command.registeredArguments.length;
  let end = depth;
  for (; end < words.length; end += 1) {
    const word = words[end] ?? '';
    if (word.startsWith('-')) {
      if (takesValue(command, word)) end += 1;
    } else if (free > 0) free -= 1;
    else break;
  }
  return words.slice(0, end);
}

/** Why fleet's own parser refuses a command; null where it takes it. Nothing is run. */
export function refusalOf(words: Words): string | null {
  const program = newProgram();
  findCommand(program, words)?.command.action(() => undefined);
  try {
    program.parse(words, { from: 'user' });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function newProgram(): Command {
  const program = createProgram(processContext(), () => undefined);
  for (const command of allOf(program)) {
    command.exitOverride().configureOutput({ writeOut: () => {}, writeErr: () => {} });
  }
  return program;
}

const allOf = (command: Command): readonly Command[] => [
  command,
  ...command.commands.flatMap(allOf),
];

function findCommand(program: Command, words: Words) {
  let command = program;
  let depth = 0;
  for (; command.commands.length > 0; depth += 1) {
    const next = command.commands.find((each) => each.name() === words[depth]);
    // Some commands have others below them, and are commands themselves.
    if (next === undefined) return isCommand(command) ? { command, depth } : null;
    command = next;
  }
  return { command, depth };
}

const isCommand = ({ options }: Command): boolean => options.some(({ long }) => long === '--json');

function takesValue(command: Command, word: string): boolean {
  const option = command.options.find(({ long, short }) => long === word || short === word);
  return option !== undefined && !option.isBoolean() && option.required;
}

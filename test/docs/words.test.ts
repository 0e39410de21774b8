import type { Command } from 'commander';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { processContext } from '../../src/cli/context/context.js';
import { createProgram } from '../../src/cli/main.js';
import { bannedIn } from './support/banned-words.js';
import { filesOf, read } from './support/pages.js';

/** Every command's help, under its whole name. */
function helps(command: Command, name: string): readonly (readonly [string, string])[] {
  const own: readonly [string, string] = [name, command.helpInformation()];
  return [own, ...command.commands.flatMap((each) => helps(each, `${name} ${each.name()}`))];
}

interface Text {
  readonly line: number;
  readonly text: string;
}

/** The texts of a TypeScript file, each with its line: literals, whole templates and whole sums. */
function textsOf(file: string): readonly Text[] {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.ESNext, true);
  const texts: Text[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    const text = textOf(node);
    if (text === null) return ts.forEachChild(node, visit);
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    texts.push({ line: line + 1, text });
    innerOf(node).forEach(visit);
  };
  visit(source);
  // One word is a name of the protocol, a key or a code: people read sentences.
  return texts.filter(({ text }) => /\s/.test(text.trim()));
}

/** What a text says, with `X` for each value that is put in; null for what is no text. */
function textOf(node: ts.Node): string | null {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return node.head.text + node.templateSpans.map(({ literal }) => `X${literal.text}`).join('');
  }
  if (!isSum(node)) return null;
  const [left, right] = [textOf(node.left), textOf(node.right)];
  return left === null && right === null ? null : (left ?? 'X') + (right ?? 'X');
}

/** Values in a text, which may hold texts of their own. */
function innerOf(node: ts.Node): readonly ts.Node[] {
  if (ts.isTemplateExpression(node)) return node.templateSpans.map(({ expression }) => expression);
  if (!isSum(node)) return [];
  return [node.left, node.right].flatMap((side) =>
    textOf(side) === null ? [side] : innerOf(side),
  );
}

const isSum = (node: ts.Node): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;

/** A shell file without its comments, line for line. */
const withoutComments = (text: string): string => text.replace(/^\s*#.*$/gm, '');

describe('the words of the house', () => {
  test('every page is written in them', () => {
    const pages = filesOf('*.md', '*.yaml', '*.yml', '*.service');
    const found = pages.flatMap((file) => bannedIn(read(file), (line) => `${file}:${line}`));
    expect(found).toEqual([]);
  });

  test('every help text is written in them', () => {
    const program = createProgram(processContext(), () => {});
    const found = helps(program, 'fleet').flatMap(([name, help]) =>
      bannedIn(help, () => `${name} --help`),
    );
    expect(found).toEqual([]);
  });

  test('every message of the controller is written in them', () => {
    const found = filesOf('src/**/*.ts', 'bin/*.js').flatMap((file) =>
      textsOf(file).flatMap(({ line, text }) => bannedIn(text, () => `${file}:${line}`)),
    );
    expect(found).toEqual([]);
  });

  test('every message of the host program is written in them', () => {
    const found = filesOf('src/**/*.sh').flatMap((file) =>
      bannedIn(withoutComments(read(file)), (line) => `${file}:${line}`),
    );
    expect(found).toEqual([]);
  });
});

describe('a banned phrase is found', () => {
  const found = (text: string) => bannedIn(text, (line) => `${line}`);

  test('where a line ends within it, at the line where it begins', () => {
    expect(found('A host is\n  taken\n  back.')).toEqual([
      '2: "taken back" -> roll back, rolled back',
    ]);
    expect(found('Nothing here.\nIt can\nnot be read.')).toEqual(['2: "can not" -> cannot']);
  });

  test('once, where it stands on one line', () => {
    expect(found('It is taken back.\nAnd so on.')).toHaveLength(1);
  });

  test('not where its words belong to others: a table, a heading', () => {
    expect(found('| can |\n| not |')).toEqual([]);
    expect(found('## What it can\n\nnot much')).toEqual([]);
  });
});

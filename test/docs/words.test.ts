import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { processContext } from '../../src/cli/context/context.js';
import { createProgram } from '../../src/cli/main.js';
import { bannedIn } from './support/banned-words.js';

const checkout = fileURLToPath(new URL('../../', import.meta.url));

function tracked(...patterns: readonly string[]): readonly string[] {
  const args = ['ls-files', '-z', '--', ...patterns];
  const names = execFileSync('git', args, { cwd: checkout, encoding: 'utf8' });
  return names.split('\0').filter((name) => name !== '');
}

const read = (file: string): string => readFileSync(`${checkout}${file}`, 'utf8');

/** Every command's help, under its whole name. */
function helps(command: Command, name: string): readonly (readonly [string, string])[] {
  const own: readonly [string, string] = [name, command.helpInformation()];
  return [own, ...command.commands.flatMap((each) => helps(each, `${name} ${each.name()}`))];
}

/** The texts of a TypeScript file: string literals and the fixed parts of templates, each with its line. */
function textsOf(file: string): readonly { readonly line: number; readonly text: string }[] {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.ESNext, true);
  const texts: { line: number; text: string }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || isTemplateRest(node)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      texts.push({ line: line + 1, text: node.text });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  // One word is a name of the protocol, a key or a code: people read sentences.
  return texts.filter(({ text }) => /\s/.test(text.trim()));
}

const isTemplateRest = (node: ts.Node): node is ts.TemplateMiddle | ts.TemplateTail =>
  ts.isTemplateMiddle(node) || ts.isTemplateTail(node);

/** A shell file without its comments, line for line. */
const withoutComments = (text: string): string => text.replace(/^\s*#.*$/gm, '');

describe('the words of the house', () => {
  test('every page is written in them', () => {
    const pages = tracked('*.md', '*.yaml', '*.yml').filter((file) => !file.startsWith('test/'));
    const found = pages.flatMap((file) => bannedIn(read(file), (line) => `${file}:${line}`));
    expect(found).toEqual([]);
  });

  test('every help text is written in them', () => {
    const program = createProgram(processContext(), () => {});
    const found = helps(program, 'fleet').flatMap(([name, help]) =>
      bannedIn(help.replace(/\n {10,}/g, ' '), () => `${name} --help`),
    );
    expect(found).toEqual([]);
  });

  test('every message of the controller is written in them', () => {
    const found = tracked('src/**/*.ts').flatMap((file) =>
      textsOf(file).flatMap(({ line, text }) => bannedIn(text, () => `${file}:${line}`)),
    );
    expect(found).toEqual([]);
  });

  test('every message of the host program is written in them', () => {
    const found = tracked('src/**/*.sh').flatMap((file) =>
      bannedIn(withoutComments(read(file)), (line) => `${file}:${line}`),
    );
    expect(found).toEqual([]);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { commandAt, refusalOf } from './support/command-line.js';

const checkout = join(import.meta.dirname, '../..');

/** Replaces a value that is known only when the text is printed, or that the reader chooses. */
const VALUE = '1';

interface Written {
  readonly where: string;
  readonly text: string;
  /** Nothing but a command can be meant: a line of a shell, or code in a sentence. */
  readonly isCode: boolean;
}

/** Commands in what people read: an unknown one is a mistake only where it can be nothing else. */
function mistakesIn({ where, text, isCode }: Written): readonly string[] {
  return [...text.matchAll(/(?<![\w./~:-])fleet (?=[a-z-])([^\n`]*)/g)].flatMap(([, rest = '']) => {
    const words = wordsOf(rest);
    const command = commandAt(words);
    if (command === null) {
      const isGroup = words.length === 1;
      return isCode && !isGroup ? [`${where}: fleet ${rest}: no such command`] : [];
    }
    const refusal = refusalOf(complete(command));
    return refusal === null ? [] : [`${where}: fleet ${rest}: ${refusal}`];
  });
}

/** Without what a sentence puts behind a word, and with a value where one is left open. */
function wordsOf(rest: string): readonly string[] {
  const [command = ''] = rest.split(/ [#|&>]| \(|[;)]|[,.:](?= |$)/);
  return command
    .replaceAll(/'[^']*'|"[^"]*"/g, VALUE)
    .trim()
    .split(/\s+/)
    .map((word) => (/^[A-Z<]/.test(word) || word === '…' ? VALUE : word))
    .map((word) => word.replace(/^\[(.*)\]$/, '$1'));
}

/** A sentence may leave out the value: `fleet resume`, `fleet rollback --to`. */
function complete(command: readonly string[]): readonly string[] {
  return /argument missing|missing required argument/.test(refusalOf(command) ?? '')
    ? [...command, VALUE]
    : command;
}

function stringsOf(file: string): readonly Written[] {
  const found: Written[] = [];
  const add = (text: string): void => {
    found.push({ where: file, text, isCode: false });
    for (const [, code = ''] of text.matchAll(/`(fleet [^`]*)`/g)) {
      found.push({ where: file, text: code, isCode: true });
    }
  };
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) add(node.text);
    if (ts.isTemplateExpression(node)) {
      add(node.head.text + node.templateSpans.map(({ literal }) => VALUE + literal.text).join(''));
    }
    ts.forEachChild(node, visit);
  };
  const text = readFileSync(join(checkout, file), 'utf8');
  if (!text.includes('fleet ')) return [];
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return found;
}

/** The lines of shell blocks, and code in sentences. */
function codeOf(file: string): readonly Written[] {
  const text = readFileSync(join(checkout, file), 'utf8');
  const blocks = [...text.matchAll(/^ *```(sh|console|bash|)\n([\s\S]*?)^ *```$/gm)];
  const lines = blocks.flatMap(([, language, block = '']) =>
    block
      .split('\n')
      .map((line) => line.trim())
      // A block without a language has output too.
      .filter((line) => language !== '' || line.startsWith('$ ')),
  );
  const outside = text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
  const inline = [...outside.matchAll(/`(fleet [^`]+)`/g)].map(([, code = '']) => code);
  const shell = lines.filter((line) => /^(\$ )?fleet /.test(line));
  return [...shell, ...inline].map((code) => ({
    where: file,
    text: code.replaceAll(/\s+/g, ' '),
    isCode: true,
  }));
}

const filesBelow = (folder: string, ending: string): readonly string[] =>
  readdirSync(join(checkout, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`);

describe('every command that is written for people is one that fleet takes', () => {
  test('in the texts of the program', () => {
    const written = filesBelow('src', '.ts').flatMap(stringsOf);
    expect(
      written.filter(({ text }) => /fleet (recover|resume)/.test(text)).length,
    ).toBeGreaterThan(5);
    expect(written.flatMap(mistakesIn)).toEqual([]);
  });

  test('in the pages', () => {
    const pages = [
      ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md'],
      ...['docs', 'examples'].flatMap((folder) => filesBelow(folder, '.md')),
    ];
    const written = pages.flatMap(codeOf);
    expect(written.length).toBeGreaterThan(200);
    expect(written.flatMap(mistakesIn)).toEqual([]);
  });
});

describe('a command in a text', () => {
  const inText = (text: string): readonly string[] =>
    mistakesIn({ where: 'here', text, isCode: true });

  test('is refused for a flag or a name that fleet does not have', () => {
    expect(inText('fleet deploy -g prod --form ./dist')).toEqual([
      expect.stringContaining("unknown option '--form'"),
    ]);
    expect(inText('fleet redeploy -g prod')).toEqual([expect.stringContaining('no such command')]);
    expect(inText('fleet show --yes RUN')).toEqual([]);
  });

  test('ends where the sentence continues', () => {
    expect(inText('continue it: fleet resume 1; or settle its hosts: fleet recover -g 1')).toEqual(
      [],
    );
    expect(inText('prefer fleet recover; use --force to unlock anyway')).toEqual([]);
  });
});

import type { ScalarValue } from '../../yaml/node.js';
import { readPythonString } from './python-string.js';

/** A value as Python has it. Lists, maps and other values that are not single have no value here, only their kind. */
export type PythonValue =
  | { readonly kind: 'scalar'; readonly value: ScalarValue }
  | { readonly kind: 'structure' };

/**
 * What `ast.literal_eval` of Python makes of a text; null where it makes nothing of it, and Ansible
 * then takes the text as it is written.
 */
export function pythonLiteral(text: string): PythonValue | null {
  const reading: Reading = { text: text.replace(/^[ \t]+/, ''), at: 0, depth: 0 };
  try {
    const value = readTuple(reading, '');
    return reading.at === reading.text.length ? value : null;
  } catch (error) {
    if (error instanceof NoLiteral) return null;
    throw error;
  }
}

class NoLiteral extends Error {}

interface Reading {
  readonly text: string;
  at: number;
  /** How many brackets are open: within them a line may end anywhere. */
  depth: number;
}

const MAX_DEPTH = 90;
const STRUCTURE: PythonValue = { kind: 'structure' };

/** One value, or several that commas join, up to a closing bracket or the end. */
function readTuple(reading: Reading, close: string): PythonValue {
  const first = readSum(reading);
  let isTuple = false;
  while (take(reading, ',')) {
    isTuple = true;
    if (peek(reading) === close) break;
    readSum(reading);
  }
  return isTuple ? STRUCTURE : first;
}

/** Numbers joined by a sign are a complex number, where the second one is imaginary. */
function readSum(reading: Reading): PythonValue {
  const first = readSigned(reading);
  const sign = peek(reading);
  if (sign !== '+' && sign !== '-') return first;
  reading.at += 1;
  const second = readAtom(reading);
  const isReal = first.kind === 'scalar' && typeof first.value === 'number';
  if (!isReal || second !== IMAGINARY) throw new NoLiteral();
  return STRUCTURE;
}

const IMAGINARY: PythonValue = { kind: 'structure' };

function readSigned(reading: Reading): PythonValue {
  const sign = peek(reading);
  if (sign !== '+' && sign !== '-') return readAtom(reading);
  reading.at += 1;
  const value = readAtom(reading);
  if (value === IMAGINARY) return value;
  if (value.kind !== 'scalar' || typeof value.value !== 'number') throw new NoLiteral();
  return { kind: 'scalar', value: sign === '-' ? 0 - value.value : value.value };
}

function readAtom(reading: Reading): PythonValue {
  const next = peek(reading);
  if (next === '(') return readBracket(reading, ')');
  if (next === '[') return readBracket(reading, ']');
  if (next === '{') return readBracket(reading, '}');
  if (/[0-9.]/.test(next)) return readNumber(reading);
  const word = /^[A-Za-z_]\w*/.exec(reading.text.slice(reading.at, reading.at + 8))?.[0];
  const known = word === undefined ? undefined : WORDS.get(word);
  if (known === undefined) return readStrings(reading);
  reading.at += word?.length ?? 0;
  if (word === 'set' && !(take(reading, '(') && take(reading, ')'))) throw new NoLiteral();
  return known;
}

const WORDS: ReadonlyMap<string, PythonValue> = new Map<string, PythonValue>([
  ['True', { kind: 'scalar', value: true }],
  ['False', { kind: 'scalar', value: false }],
  ['None', { kind: 'scalar', value: null }],
  ['set', STRUCTURE],
]);

function readBracket(reading: Reading, close: string): PythonValue {
  reading.at += 1;
  reading.depth += 1;
  if (reading.depth > MAX_DEPTH) throw new NoLiteral();
  let value = STRUCTURE;
  if (peek(reading) !== close) {
    if (close === '}') readEntries(reading);
    else {
      const inside = readTuple(reading, close);
      value = close === ')' ? inside : STRUCTURE;
    }
  }
  if (peek(reading) !== close) throw new NoLiteral();
  reading.at += 1;
  reading.depth -= 1;
  return value;
}

/** Those of a map or of a set: all of them are of one kind. */
function readEntries(reading: Reading): void {
  let isMap: boolean | null = null;
  do {
    if (peek(reading) === '}' && isMap !== null) return;
    readSum(reading);
    const hasValue = take(reading, ':');
    if (isMap !== null && hasValue !== isMap) throw new NoLiteral();
    isMap = hasValue;
    if (hasValue) readSum(reading);
  } while (take(reading, ','));
}

const NUMBER =
  /^(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:(?:\d(?:_?\d)*)?\.\d(?:_?\d)*|\d(?:_?\d)*\.?)(?:[eE][-+]?\d(?:_?\d)*)?[jJ]?)(?![\w.])/;

function readNumber(reading: Reading): PythonValue {
  if (reading.text.startsWith('...', reading.at)) {
    reading.at += 3;
    return STRUCTURE;
  }
  const written = NUMBER.exec(reading.text.slice(reading.at))?.[0];
  // A whole number with zeros before it is none, lest it be taken for an octal one.
  if (written === undefined || /^0[\d_]*[1-9]\d*$/.test(written)) throw new NoLiteral();
  reading.at += written.length;
  if (/j$/i.test(written) && !/^0x/i.test(written)) return IMAGINARY;
  const plain = written.replaceAll('_', '');
  const value = Number(plain);
  const isExact = !/^\d+$/.test(plain) || Number.isSafeInteger(value);
  return { kind: 'scalar', value: isExact ? value : plain };
}

/** Strings that follow one another are one. */
function readStrings(reading: Reading): PythonValue {
  const first = readPythonString(reading.text, reading.at);
  if (first === null) throw new NoLiteral();
  let text = '';
  for (
    let next: typeof first | null = first;
    next !== null;
    next = readPythonString(reading.text, reading.at)
  ) {
    if (next.isBytes !== first.isBytes) throw new NoLiteral();
    text += next.text;
    reading.at = next.end;
    peek(reading);
  }
  // Ansible takes bytes for a text in UTF-8.
  const value = first.isBytes ? Buffer.from(text, 'latin1').toString('utf8') : text;
  return { kind: 'scalar', value };
}

/** The next character that counts, blanks and comments skipped; empty at the end. */
function peek(reading: Reading): string {
  const blank = reading.depth > 0 ? /^(?:[ \t\f\r\n]|\\\n|#[^\n]*)*/ : /^(?:[ \t\f]|\\\n)*/;
  reading.at += blank.exec(reading.text.slice(reading.at))?.[0].length ?? 0;
  const rest = reading.text.slice(reading.at);
  if (reading.depth === 0 && /^#.*$/.test(rest)) reading.at = reading.text.length;
  return reading.text[reading.at] ?? '';
}

function take(reading: Reading, char: string): boolean {
  if (peek(reading) !== char) return false;
  reading.at += 1;
  return true;
}

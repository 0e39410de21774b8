import { LineCounter } from 'yaml';
import type { Problem, SourceLocation } from '../../errors/fleet-error.js';

/** A stretch of a file, in characters from its start; `end` is the first one after it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The text of one file, able to say where in it an offset is. */
export interface SourceText {
  /** As it is shown to a person. */
  readonly file: string;
  readonly text: string;
  readonly lines: LineCounter;
}

export function sourceText(file: string, text: string): SourceText {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    lines.addNewLine(at + 1);
  }
  return { file, text, lines };
}

/** The place of a span; of one that runs over several lines, the part on its first line. */
export function locate(source: SourceText, span: Span): SourceLocation {
  const start = Math.min(span.start, source.text.length);
  const { line, col } = source.lines.linePos(start);
  const lineStart = start - (col - 1);
  const newline = source.text.indexOf('\n', lineStart);
  const lineEnd = newline < 0 ? source.text.length : newline;
  const text = source.text.slice(lineStart, lineEnd).replace(/\r$/, '');
  const marked = text.slice(col - 1, col - 1 + Math.max(0, span.end - start)).trimEnd();
  return {
    file: source.file,
    line,
    column: col,
    text,
    length: Math.max(1, marked.length),
  };
}

export function problemAt(
  source: SourceText,
  span: Span,
  words: { readonly message: string; readonly hint?: string | undefined },
): Problem {
  return { ...words, location: locate(source, span) };
}

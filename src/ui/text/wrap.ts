import { displayWidth } from '../terminal/width.js';

/**
 * A text in lines of at most `width` columns, cut at spaces; one long word has its own line. Null: one line, for a file
 * or a pipe.
 */
export function wrapText(text: string, width: number | null): readonly string[] {
  if (width === null) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line === '' || displayWidth(longer) <= width) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** The lines of a text below each other, the first one behind its label; none for an empty text. */
export function labelledLines(
  label: string,
  text: string,
  { indent, width }: { readonly indent: number; readonly width: number | null },
): readonly string[] {
  const room = width === null ? null : Math.max(20, width - indent);
  return wrapText(text, room).map((line, index) =>
    `${(index === 0 ? label : '').padEnd(indent)}${line}`.trimEnd(),
  );
}

import { ownLine } from './own-line.js';
import type { Terminal } from './terminal.js';
import { displayWidth } from './width.js';

/**
 * A block of lines at the bottom of a terminal, redrawn in place. Only changed lines are written, in
 * one write per frame. The block must be lower than the terminal, and its lines narrower.
 */
export interface Screen {
  draw(lines: readonly string[]): void;
  /** Removes the block, so that something else can be written; the next draw starts again. */
  clear(): void;
  /** Leaves the block where it is, and shows the cursor again. */
  finish(): void;
}

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const CLEAR_BELOW = '\x1b[J';
const CLEAR_TO_END = '\x1b[K';

export function createScreen(terminal: Terminal): Screen {
  let shown: readonly string[] = [];
  let size = sizeOf(terminal);
  let hidden = false;

  const show = (): string => {
    if (!hidden) return '';
    hidden = false;
    return SHOW_CURSOR;
  };

  return {
    draw(drawn) {
      const lines = drawn.map(ownLine);
      const now = sizeOf(terminal);
      const resized = now.columns !== size.columns || now.rows !== size.rows;
      const output = resized ? redraw(shown, lines, now) : changes(shown, lines);
      size = now;
      shown = lines;
      if (output === '') return;
      terminal.write(hidden ? output : HIDE_CURSOR + output);
      hidden = true;
    },
    clear() {
      const output = up(shown.length) + (shown.length > 0 ? CLEAR_BELOW : '') + show();
      if (output !== '') terminal.write(output);
      shown = [];
    },
    finish() {
      const output = show();
      if (output !== '') terminal.write(output);
      shown = [];
    },
  };
}

/** From the line below the old block to the line below the new one. */
function changes(before: readonly string[], after: readonly string[]): string {
  let output = '';
  // Lines above `at` are done; the cursor is in the first column of line `at`.
  let at = before.length;
  const moveTo = (line: number): void => {
    output += line < at ? up(at - line) : down(line - at);
    at = line;
  };
  for (const [i, line] of after.entries()) {
    if (i < before.length && line === before[i]) continue;
    moveTo(i);
    output += `${line}${CLEAR_TO_END}\r\n`;
    at += 1;
  }
  if (after.length < before.length) {
    moveTo(after.length);
    output += CLEAR_BELOW;
  } else {
    moveTo(after.length);
  }
  return output;
}

interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The size of a terminal; 80x24 if it does not say. */
export function sizeOf(terminal: Terminal): Size {
  return { columns: terminal.columns || 80, rows: terminal.rows || 24 };
}

/** After a resize the terminal may have wrapped or lost old lines: all is drawn again. */
function redraw(before: readonly string[], after: readonly string[], size: Size): string {
  const wrapped = before.reduce(
    (sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / size.columns)),
    0,
  );
  const reach = Math.min(wrapped, size.rows - 1);
  return up(reach) + CLEAR_BELOW + after.map((line) => `${line}\r\n`).join('');
}

const up = (lines: number): string => (lines > 0 ? `\r\x1b[${lines}A` : '');
const down = (lines: number): string => (lines > 0 ? `\r\x1b[${lines}B` : '');

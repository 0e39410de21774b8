/** Colours are the only escapes in our own lines; remote text has passed `printable`. */
const COLOUR = /\x1b\[[0-9;]*m/y;
const COLOURS = /\x1b\[[0-9;]*m/g;
/** The characters of our own lines: ASCII, Latin letters, arrows, bars, ticks and dots; one column each. */
const NARROW =
  /^[\x20-\x7e\xa0-\xac\xae-\u02ff\u2010-\u2027\u2190-\u21ff\u2500-\u259f\u2713-\u2718\u2800-\u28ff]*$/;
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]/u;
const EMOJI = /^\p{Emoji_Presentation}/u;

/** First and last code points of East Asian Wide and Fullwidth blocks (Unicode TR 11). */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x17000, 0x18d08],
  [0x1b000, 0x1b2ff],
  [0x20000, 0x3fffd],
];

/** Created when a line first needs it: that takes some milliseconds. */
let segmenter: Intl.Segmenter | undefined;

/** Columns of a line in a terminal; colours take none. */
export function displayWidth(line: string): number {
  const text = line.includes('\x1b') ? line.replace(COLOURS, '') : line;
  if (NARROW.test(text)) return text.length;
  return pieces(line).reduce((sum, piece) => sum + piece.width, 0);
}

/** The line cut to `width` columns, an ellipsis in the last one; colours are closed. */
export function truncate(line: string, width: number, ellipsis = '…'): string {
  if (displayWidth(line) <= width) return line;
  const room = width - ellipsis.length;
  if (room < 0) return '';
  let used = 0;
  let cut = '';
  for (const piece of pieces(line)) {
    if (used + piece.width > room) break;
    used += piece.width;
    cut += piece.text;
  }
  return cut + ellipsis + (line.includes('\x1b[') ? '\x1b[0m' : '');
}

export function padEnd(line: string, width: number): string {
  return line + ' '.repeat(Math.max(0, width - displayWidth(line)));
}

export function padStart(line: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(line))) + line;
}

interface Piece {
  readonly text: string;
  readonly width: number;
}

function pieces(line: string): readonly Piece[] {
  const found: Piece[] = [];
  let at = 0;
  while (at < line.length) {
    COLOUR.lastIndex = at;
    const colour = COLOUR.exec(line)?.[0];
    if (colour !== undefined) {
      found.push({ text: colour, width: 0 });
      at += colour.length;
      continue;
    }
    const next = line.indexOf('\x1b', at + 1);
    const end = next === -1 ? line.length : next;
    segmenter ??= new Intl.Segmenter();
    for (const { segment } of segmenter.segment(line.slice(at, end))) {
      found.push({ text: segment, width: segmentWidth(segment) });
    }
    at = end;
  }
  return found;
}

function segmentWidth(segment: string): number {
  const code = segment.codePointAt(0) ?? 0;
  if (code >= 0x20 && code < 0x7f && segment.length === 1) return 1;
  if (ZERO_WIDTH.test(segment)) return 0;
  if (EMOJI.test(segment) || segment.includes('\ufe0f')) return 2;
  return WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}

const ELLIPSIS = '…';

/** How many bytes a text has in UTF-8: what services count. */
export const bytesOf = (text: string): number => Buffer.byteLength(text);

/**
 * A text of at most so many bytes in UTF-8. A longer one ends in an ellipsis, behind a whole character as
 * people see it: an emoji of several parts, or a letter with its marks, is kept whole or left out.
 */
export function cutBytes(text: string, most: number): string {
  if (bytesOf(text) <= most) return text;
  const room = most - bytesOf(ELLIPSIS);
  let used = 0;
  let kept = '';
  // A text may be far too long; what is behind the room cannot be kept anyway.
  for (const { segment } of graphemes.segment(text.slice(0, Math.max(0, most)))) {
    used += bytesOf(segment);
    if (used > room) break;
    kept += segment;
  }
  return most < bytesOf(ELLIPSIS) ? '' : `${kept.trimEnd()}${ELLIPSIS}`;
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

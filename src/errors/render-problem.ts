import { maskUrls } from './bare-url.js';
import type { Problem, SourceLocation } from './fleet-error.js';

/** How much of a long line is shown, in characters. */
const WINDOW = 100;

/**
 * A problem as lines of plain text: place and message, the line with a caret under it, the hint. Contains no control
 * characters, whatever the file contains.
 */
export function renderProblem(problem: Problem): string[] {
  const { location, message, hint } = problem;
  const place = location === undefined ? '' : `${placeOf(location)}: `;
  return [
    blanked(place + message),
    ...(location === undefined ? [] : excerpt(location)),
    ...(hint === undefined ? [] : [`  ${blanked(hint)}`]),
  ];
}

/** `file:line:column` of a place, for a message that names a second one. */
export function placeOf(location: SourceLocation): string {
  return `${location.file}:${location.line}:${location.column}`;
}

function excerpt(location: SourceLocation): string[] {
  const column = location.column - 1;
  const start = column > WINDOW - 20 ? column - 40 : 0;
  const shown = maskUrls(location.text).slice(start, start + WINDOW);
  const room = Math.max(1, shown.length - (column - start));
  const caret = '^'.repeat(Math.max(1, Math.min(location.length, room)));
  const number = String(location.line);
  return [
    `  ${number} | ${blanked(shown)}`.trimEnd(),
    `  ${' '.repeat(number.length)} | ${' '.repeat(column - start)}${caret}`,
  ];
}

/** One space for each control character, so that carets stay in their column. */
function blanked(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, ' ');
}

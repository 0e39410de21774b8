import { printableLine } from '../../errors/printable.js';
import { safeJson } from '../../errors/unicode-escape.js';
import { ownLine } from '../../ui/terminal/own-line.js';
import { createStyle, type Style } from '../../ui/terminal/style.js';
import {
  defaultMode,
  type OutputMode,
  wantsColor,
  wantsUnicode,
} from '../../ui/terminal/terminal.js';
import type { TableLook } from '../../ui/text/table.js';
import type { Context } from './context.js';
import type { CommonOptions } from './options.js';

/** The one object of `--json`, on stdout. */
export function printJson(context: Context, body: unknown): void {
  context.stdout.write(`${safeJson(body, 2)}\n`);
}

export function printLines(stream: NodeJS.WritableStream, lines: readonly string[]): void {
  if (lines.length > 0) stream.write(`${lines.map(ownLine).join('\n')}\n`);
}

/** A warning, on stderr. */
export function printWarning(context: Context, message: string): void {
  printLines(context.stderr, [`warning: ${printableLine(message)}`]);
}

/** How text looks on stdout or stderr. */
export function styleFor(
  context: Context,
  options: CommonOptions,
  stream: 'stdout' | 'stderr',
): Style {
  return createStyle({
    color: wantsColor(context.env, context[stream], !options.color),
    unicode: wantsUnicode(context.env),
  });
}

/** How a table looks on stdout: cut to the terminal's width, or whole without a terminal. */
export function tableLook(context: Context, options: CommonOptions): TableLook {
  const { isTTY, columns } = context.stdout;
  return { style: styleFor(context, options, 'stdout'), width: isTTY === true ? columns : null };
}

/** How progress is shown: as the flags say, else by what stderr is. */
export function outputMode(context: Context, options: CommonOptions): OutputMode {
  if (options.output !== undefined) return options.output;
  return options.quiet === true ? 'quiet' : defaultMode(context.env, context.stderr);
}

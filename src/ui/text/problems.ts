import type { FleetError } from '../../errors/fleet-error.js';
import { printable } from '../../errors/printable.js';
import { renderProblem } from '../../errors/render-problem.js';
import { createStyle } from '../terminal/style.js';

/** More mistakes than these are only counted: the first ones usually explain the rest. */
const SHOWN_PROBLEMS = 50;

/**
 * A refusal as lines for stderr: `error: … (config_invalid)`, the place with its caret, each
 * problem with its own, and the hint last.
 */
export function renderError(
  error: FleetError,
  look: { readonly color: boolean },
): readonly string[] {
  const style = createStyle({ color: look.color, unicode: false });
  const { code, message, hint, location, problems } = error;
  const [title = '', ...more] = printable(message).split('\n');
  // Each problem shows its own place, and that of the first is the error's.
  const alone = location !== undefined && problems.length === 0;
  const place = alone ? renderProblem({ message: '', location }) : [];
  const shown = problems.slice(0, SHOWN_PROBLEMS);
  return [
    `${style.red(style.bold('error'))}: ${title} ${style.dim(`(${code})`)}`,
    ...more.map((line) => `  ${line}`),
    ...place.map((line, i) => (i === 0 ? `  ${line.replace(/: *$/, '')}` : line)),
    ...problemBlocks(shown.map(renderProblem)),
    ...(problems.length > shown.length ? ['', `and ${problems.length - shown.length} more`] : []),
    ...(hint === undefined
      ? []
      : [...(shown.length > 0 ? [''] : []), `  ${style.cyan('hint')}: ${printable(hint)}`]),
  ];
}

/** Empty lines between problems, except between those of one line. */
function problemBlocks(blocks: readonly (readonly string[])[]): readonly string[] {
  return blocks.flatMap((block, i) => {
    const isList = block.length === 1 && blocks[i - 1]?.length === 1;
    return isList ? block : ['', ...block];
  });
}

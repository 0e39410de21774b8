import type { Context } from './context.js';
import type { CommonOptions } from './options.js';

/** Whether there is a person to confirm with: who can be shown what is asked, and can answer. */
export function mayConfirm(context: Context, options: CommonOptions): boolean {
  return options.input && context.stdin.isTTY === true && context.stderr.isTTY === true;
}

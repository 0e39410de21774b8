import { inCi } from '../ui/terminal.js';
import type { Context } from './context.js';
import type { CommonOptions } from './options.js';

/** Whether there is a person to ask: who can be shown what is asked, and can answer. */
export function mayConfirm(context: Context, options: CommonOptions): boolean {
  return whyNotAsked(context, options) === null;
}

/** What keeps fleet from asking, for the hint of a refusal. */
export function unaskedBecause(context: Context, options: CommonOptions): string {
  return whyNotAsked(context, options) ?? 'there is no terminal to ask on';
}

function whyNotAsked({ env, stdin, stderr }: Context, { input }: CommonOptions): string | null {
  if (!input) return '--no-input is given';
  if (inCi(env)) return `CI=${env.CI} is set, so no one is asked`;
  return stdin.isTTY === true && stderr.isTTY === true ? null : 'there is no terminal to ask on';
}

import { FleetError } from '../../errors/fleet-error.js';
import { confirm } from '../../ui/terminal/prompt.js';
import { inCi } from '../../ui/terminal/terminal.js';
import type { Context } from './context.js';
import type { CommonOptions } from './options.js';

/** What a command asks before it changes anything. */
export interface Consent {
  /** What asks for it, e.g. `a deploy asks before it changes anything`. */
  readonly asks: string;
  readonly question: string;
  /** What to type instead of `--yes`, if no one can be asked. */
  readonly instead?: string;
}

/** A person answered no. It ends the command with 2, and is not an error. */
export class Declined extends FleetError {
  constructor() {
    super('confirmation_required', 'not confirmed; nothing was changed');
  }
}

/**
 * Asks a person, unless `--yes` is given. Throws {@link Declined} for a no, `interrupted` for Ctrl-C,
 * and `confirmation_required` if no one can be asked.
 */
export async function obtainConsent(
  context: Context,
  options: CommonOptions,
  consent: Consent,
): Promise<void> {
  refuseUnattended(context, options, consent);
  if (options.yes === true || (await confirm(consent.question, context))) return;
  throw new Declined();
}

/** Throws `confirmation_required` if no one can be asked: before any work is done for it. */
export function refuseUnattended(
  context: Context,
  options: CommonOptions,
  { asks, instead }: Omit<Consent, 'question'>,
): void {
  const why = options.yes === true ? null : whyNotAsked(context, options);
  if (why === null) return;
  const hint = `${why}: add --yes${instead === undefined ? '' : `, or ${instead}`}`;
  throw new FleetError('confirmation_required', asks, { hint });
}

/** Whether a person can see the question and answer it. */
export function mayConfirm(context: Context, options: CommonOptions): boolean {
  return whyNotAsked(context, options) === null;
}

function whyNotAsked({ env, stdin, stderr }: Context, { input }: CommonOptions): string | null {
  if (!input) return '--no-input is given';
  if (inCi(env)) return `CI=${env.CI} is set, so no one is asked`;
  return stdin.isTTY === true && stderr.isTTY === true ? null : 'fleet has no terminal to ask on';
}

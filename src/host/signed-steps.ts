import { asciiJson } from '../errors/unicode-escape.js';
import type { Identity } from '../model/identity.js';
import type { Verb } from '../model/verb.js';
import type { Step } from './protocol.js';

/** What takes a host, or changes how it boots. The steps between are of the run that has it then. */
const SIGNED: ReadonlySet<Verb> = new Set<Verb>([
  'claim',
  'adopt',
  'install_guard',
  'remove_guard',
  'log_exec',
]);

/** The steps, with who wants them where that is logged: a line of JSON in plain ASCII. */
export function signedSteps(
  steps: readonly Step[],
  identity: Identity | undefined,
): readonly Step[] {
  if (identity === undefined) return steps;
  const by = ['by', asciiJson(JSON.stringify(identity))] as const;
  return steps.map((step) =>
    SIGNED.has(step.verb) ? { ...step, args: [...step.args, by] } : step,
  );
}

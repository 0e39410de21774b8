import { asciiJson } from '../errors/unicode-escape.js';
import type { Identity } from '../model/identity.js';
import type { Verb } from '../model/verb.js';
import type { Step } from './protocol.js';

/** Verbs that take a host, or change how it boots. The steps between belong to the run that has the claim. */
const SIGNED: ReadonlySet<Verb> = new Set<Verb>([
  'claim',
  'adopt',
  'install_guard',
  'remove_guard',
  'log_exec',
]);

/** Adds the operator to the steps that are logged: one line of JSON in plain ASCII. */
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

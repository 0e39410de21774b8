import { asciiJson } from '../../errors/unicode-escape.js';
import type { Identity } from '../../model/hosts/identity.js';
import type { Step } from '../protocol/protocol.js';
import { VERB_TRAITS } from '../protocol/verb-traits.js';

/** Adds the operator to the steps that are logged: one line of JSON in plain ASCII. */
export function signedSteps(
  steps: readonly Step[],
  identity: Identity | undefined,
): readonly Step[] {
  if (identity === undefined) return steps;
  const by = ['by', asciiJson(JSON.stringify(identity))] as const;
  return steps.map((step) =>
    VERB_TRAITS[step.verb].signed ? { ...step, args: [...step.args, by] } : step,
  );
}

import type { Effect } from './effect.js';
import type { RunInput } from './input.js';

/**
 * The kind of the one input that each effect ends in. The machine, the engine and every test that drives
 * the machine take it from here.
 */
export const ENDS_IN = {
  claim: 'claimed',
  stage: 'staged',
  switch: 'switched',
  confirm: 'confirmed',
  revert: 'reverted',
  probe: 'probed',
  finish: 'finished',
  wait: 'elapsed',
} as const satisfies Readonly<Record<Effect['kind'], RunInput['kind']>>;

/** The input that an effect ends in. */
export type InputFor<E extends Effect> = Extract<RunInput, { kind: (typeof ENDS_IN)[E['kind']] }>;

import type { Verb } from '../../model/runs/verb.js';

/** What fleet has to know of a verb beside its arguments. What is left out is false. */
export interface VerbTraits {
  /** It only reads: a host that has no program yet is asked without leaving one there. */
  readonly reads?: true;
  /** It tells the host that its owner is alive, so the lease of the claim begins anew. */
  readonly renewsLease?: true;
  /** It takes a host, what another tool left there, or how it boots: the host logs who asked for it. */
  readonly signed?: true;
  /** It starts something as the login user, or asks whether it may: it is told the name of the login. */
  readonly namesLogin?: true;
}

/** Each verb, once. A verb that is missing here does not compile. */
export const VERB_TRAITS: Readonly<Record<Verb, VerbTraits>> = {
  facts: { reads: true, namesLogin: true },
  claim: { renewsLease: true, signed: true },
  adopt: { renewsLease: true, signed: true },
  renew: { renewsLease: true },
  stage: {},
  units: {},
  check_units: { reads: true },
  backup: {},
  restore: {},
  hook: {},
  arm: { renewsLease: true, namesLogin: true },
  activate: {},
  verify: {},
  probe: { reads: true },
  confirm: { renewsLease: true },
  revert: { namesLogin: true },
  unclaim: {},
  prune: {},
  status: { reads: true },
  manifest: { reads: true },
  compare: { reads: true },
  guard: {},
  install_guard: { signed: true, namesLogin: true },
  remove_guard: { signed: true },
  log_exec: { signed: true },
  inspect: { reads: true },
  digest: {},
  register: { signed: true },
  relink: { signed: true },
};

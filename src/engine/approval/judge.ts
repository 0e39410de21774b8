import type { Person } from '../../model/hosts/person.js';
import type { PlanApproval } from '../../model/runs/approval.js';
import { type Attested, isKnown, samePerson } from './person.js';
import type { ApprovalState, Written } from './store.js';

/** What an approval is worth at a moment. */
export type ApprovalVerdict =
  | { readonly kind: 'approved'; readonly approval: PlanApproval }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'denied'; readonly by: string; readonly reason: string | null }
  | { readonly kind: 'expired' }
  | { readonly kind: 'used'; readonly by: string }
  | { readonly kind: 'unfit'; readonly why: string };

/**
 * Judges a plan that waits: it needs an answer of another person to the very plan that was asked about, before it
 * expires, and not used before. `digest` is that of the plan file now.
 */
export function judgeApproval(
  { request, answer, use }: ApprovalState,
  { digest, now }: { readonly digest: string; readonly now: Date },
): ApprovalVerdict {
  const asked = request.document;
  if (use !== null) return { kind: 'used', by: use.document.by };
  if (digest !== asked.digest) return unfit('the plan is not the one that was asked about');
  const given = answer?.document;
  if (given?.decision === 'denied') return { kind: 'denied', by: given.by, reason: given.reason };
  const ends = Date.parse(asked.expiresAt);
  if (!(now.getTime() < ends)) return { kind: 'expired' };
  if (answer === null || given === undefined) return { kind: 'waiting' };
  if (given.digest !== digest) return unfit('another plan was approved');
  if (!(Date.parse(given.at) < ends)) return { kind: 'expired' };
  const why = whyNot(request, answer);
  if (why !== null) return unfit(why);
  const { by, person, at, reason } = given;
  const who = { by, person, at, reason, askedBy: asked.by, askedAt: asked.at };
  return { kind: 'approved', approval: { kind: 'given', ...who, digest } };
}

const unfit = (why: string): ApprovalVerdict => ({ kind: 'unfit', why });

type Authored = Written<{ readonly person: Person }>;

function whyNot(request: Authored, answer: Authored): string | null {
  for (const { document, owner } of [request, answer]) {
    const { uid } = document.person.proven;
    if (owner !== null && uid !== owner) {
      return `a record is said to be of uid ${uid}, and uid ${owner} has written it`;
    }
  }
  return whyNotApprover(attested(request), attested(answer));
}

/** Why this person may not approve what that one asks for; null if they may. */
export function whyNotApprover(asking: Attested, approving: Attested): string | null {
  if (!isKnown(approving.person)) return 'root has no login here, and may be anyone';
  const same = samePerson(asking, approving);
  return same === null ? null : `the one who asks cannot approve: ${same}`;
}

export const attested = ({ document, owner }: Authored): Attested => ({
  person: document.person,
  owner,
});

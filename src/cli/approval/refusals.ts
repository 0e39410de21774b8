import type { ApprovalVerdict } from '../../engine/approval/judge.js';
import { FleetError } from '../../errors/fleet-error.js';
import type { PlanApproval } from '../../model/runs/approval.js';

/** What a person types to go on with a run that waited. */
export const goOnCommand = (run: string): string => `fleet apply --approved ${run}`;

const AGAIN = 'nothing was changed on any host; to ask again, start the run anew';

/** The approval of a verdict. Throws what else it is. */
export function approvalOf(verdict: ApprovalVerdict, run: string): PlanApproval {
  switch (verdict.kind) {
    case 'approved':
      return verdict.approval;
    case 'waiting':
      throw new FleetError('approval_pending', `run ${run} waits for approval`, {
        hint: `another person types: fleet approve ${run}`,
      });
    case 'denied': {
      const why = verdict.reason === null ? '' : `: ${verdict.reason}`;
      throw new FleetError('approval_denied', `${verdict.by} has denied run ${run}${why}`, {
        hint: AGAIN,
      });
    }
    case 'expired':
      throw new FleetError(
        'approval_expired',
        `the time to approve run ${run}, and start it, is over`,
        {
          hint: AGAIN,
        },
      );
    case 'used':
      throw new FleetError(
        'approval_used',
        `the approval of run ${run} was used by ${verdict.by}`,
        {
          hint: `see fleet show ${run}; if that run has died, continue it: fleet resume ${run}`,
        },
      );
    case 'unfit':
      throw new FleetError(
        'approval_refused',
        `the approval of run ${run} does not count: ${verdict.why}`,
        {
          hint: 'it needs an account of another person',
        },
      );
  }
}

import { countText } from '../text/count-text.js';
import { namesText } from '../text/name-ranges.js';
import type { PlanApproval } from './approval.js';
import type { PauseReason, StopReason } from './run.js';

/** `wave 1 (canary)`: waves count from 1 for people. */
export function waveName(wave: number): string {
  return wave === 0 ? 'wave 1 (canary)' : `wave ${wave + 1}`;
}

/** Why a run waits, and for what. */
export function pauseText(why: PauseReason, wave: number): string {
  return why.kind === 'approval'
    ? `paused, ${waveName(wave)} waits for approval`
    : `paused by ${why.by}, in ${waveName(wave)}`;
}

/**
 * Why the run stopped starting hosts, as a sentence without its full stop. Host names are cut to about `width` columns.
 */
export function stopText(reason: StopReason, width?: number): string {
  switch (reason.kind) {
    case 'tripped': {
      const where = reason.limit === 'wave' ? waveName(reason.wave) : 'the run';
      return `${countText(reason.failed.length, 'failed host')} in ${where}, more than tolerated: ${namesText(reason.failed, width)}`;
    }
    case 'gate-failed':
      return `the gate of ${waveName(reason.wave)} failed on ${namesText(reason.failed, width)}`;
    case 'gate-inconclusive':
      return `the gate of ${waveName(reason.wave)} got no answer from ${namesText(reason.missing, width)}`;
    case 'no-budget':
      return `no host of ${waveName(reason.wave)} may leave service: ${namesText(reason.out, width)} ${reason.out.length === 1 ? 'is' : 'are'} out already`;
    case 'interrupted':
      return reason.by === undefined
        ? 'interrupted'
        : `aborted by ${reason.by}${reasonText(reason.reason)}`;
    case 'fenced':
      return `another run owns, or may own, ${namesText(reason.hosts, width)}; this run sends nothing more there`;
    case 'hook-failed': {
      const where = reason.hosts.length === 0 ? '' : ` on ${namesText(reason.hosts, width)}`;
      return `the ${reason.point} hook ${reason.hook} failed${where}`;
    }
    case 'claim-refused':
      return `the lock was refused by ${namesText(reason.hosts, width)}`;
  }
}

/** Behind a sentence: why a person did it, if they said so. */
export const reasonText = (reason: string | null | undefined): string =>
  reason == null ? '' : `: ${reason}`;

/** By whom a run was approved, for people. */
export function approvalText(approval: PlanApproval): string {
  return approval.kind === 'given'
    ? `approved by ${approval.by}, asked for by ${approval.askedBy}${reasonText(approval.reason ?? undefined)}`
    : `started without an approval by ${approval.by}${reasonText(approval.reason)}`;
}

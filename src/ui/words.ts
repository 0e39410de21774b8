import { EXIT, type ExitCode } from '../errors/codes.js';
import type { HostFailure } from '../errors/host-failure.js';
import { printableLine } from '../errors/printable.js';
import type { HostName } from '../model/names.js';
import type { RunKind } from '../model/plan.js';
import type { HostStage, RunPhase, RunState, StopReason } from '../model/run.js';
import { countText } from './amounts.js';
import { namesText } from './name-ranges.js';

/** `wave 1 (canary)`: waves count from 1 for people. */
export function waveName(wave: number): string {
  return wave === 0 ? 'wave 1 (canary)' : `wave ${wave + 1}`;
}

/** What a phase is called in a list of phases. */
export function phaseTitle(phase: RunPhase, wave: number | null): string {
  switch (phase) {
    case 'preflight':
      return 'Preflight';
    case 'claiming':
      return 'Claim';
    case 'staging':
      return 'Stage';
    case 'wave':
      return capitalised(waveName(wave ?? 0));
    case 'stopping':
      return 'Stop';
    case 'rolling-back':
      return 'Roll back';
    case 'finalizing':
      return 'Final read';
  }
}

/** `verify, exit 1` or `verify, SIGKILL`; empty where no step was sent. */
export function stepText(failure: HostFailure): string {
  const { step, exit } = failure;
  const how = typeof exit === 'number' ? `exit ${exit}` : exit;
  return [step, how].filter((part) => part !== undefined).join(', ');
}

/** A failure on one line: `verify, exit 1: shop.service is failed`. */
export function failureText(failure: HostFailure): string {
  const step = stepText(failure);
  const message = printableLine(failure.message);
  return step === '' ? message : `${step}: ${message}`;
}

/** What a host without a failure text has come to. */
export function stageText(stage: HostStage | 'skipped' | 'unchanged'): string {
  switch (stage) {
    case 'down':
      return 'down';
    case 'unknown':
      return 'state unknown';
    default:
      return stage;
  }
}

/** Why the run stopped starting hosts, as a sentence without its full stop. */
export function stopText(reason: StopReason): string {
  switch (reason.kind) {
    case 'tripped': {
      const where = reason.limit === 'wave' ? waveName(reason.wave) : 'the run';
      return `${countText(reason.failed.length, 'failed host')} in ${where}, more than tolerated: ${namesText(reason.failed)}`;
    }
    case 'gate-failed':
      return `the gate of ${waveName(reason.wave)} failed on ${namesText(reason.failed)}`;
    case 'gate-inconclusive':
      return `the gate of ${waveName(reason.wave)} got no answer from ${namesText(reason.missing)}`;
    case 'no-budget':
      return `no host of ${waveName(reason.wave)} may leave service: ${namesText(reason.out)} ${reason.out.length === 1 ? 'is' : 'are'} out already`;
    case 'interrupted':
      return 'interrupted; hosts in flight reach a decided state first';
    case 'claim-refused':
      return `claims refused by ${namesText(reason.hosts)}`;
  }
}

/** `warning: web01: …`. */
export function warningText(warning: {
  readonly message: string;
  readonly host?: HostName | undefined;
}): string {
  const where = warning.host === undefined ? '' : `${warning.host}: `;
  return `warning: ${where}${printableLine(warning.message)}`;
}

/** How a run ended, in a few words; one that a person stopped did not fail. */
export function endText(state: RunState, exitCode?: ExitCode): string {
  const text = stateText(state);
  if (exitCode !== EXIT.interrupted) return text;
  return text.replace(/^(failed|stopped)/, 'interrupted');
}

function stateText(state: RunState): string {
  switch (state) {
    case 'succeeded':
      return 'succeeded';
    case 'succeeded_partial':
      return 'succeeded, hosts were skipped';
    case 'stopped_mixed':
      return 'stopped, the fleet is mixed';
    case 'rolled_back':
      return 'failed, every touched host is back';
    case 'rollback_incomplete':
      return 'rollback incomplete';
    case 'aborted_clean':
      return 'stopped before any host was switched';
    case 'refused':
      return 'refused, nothing was changed';
  }
}

export const kindTitle = (kind: RunKind): string => (kind === 'deploy' ? 'Deploy' : 'Rollback');

export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

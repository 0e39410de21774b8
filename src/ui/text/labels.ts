import { EXIT, type ExitCode } from '../../errors/codes.js';
import type { HostFailure } from '../../errors/host-failure.js';
import { printableLine } from '../../errors/printable.js';
import type { HostName } from '../../model/names.js';
import type { RunKind } from '../../model/run-kind.js';
import type { DeadMan } from '../../model/runs/dead-man.js';
import { STAGE_TRAITS } from '../../model/runs/host-stage.js';
import type { HostResultState, RunPhase, RunState } from '../../model/runs/run.js';
import { waveName } from '../../model/runs/run-words.js';

/** The title of a phase. */
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

/** The state of a host without a failure text. */
export function stageText(stage: HostResultState): string {
  return stage === 'skipped' || stage === 'unchanged' ? stage : STAGE_TRAITS[stage].label;
}

/** `warning: web01: …`. */
export function warningText(warning: {
  readonly message: string;
  readonly host?: HostName | undefined;
}): string {
  const where = warning.host === undefined ? '' : `${warning.host}: `;
  return `warning: ${where}${printableLine(warning.message)}`;
}

/** How a run ended, in a few words. A run that a person stopped did not fail. */
export function endText(state: RunState, exitCode?: ExitCode): string {
  const text = stateText(state);
  if (exitCode !== EXIT.interrupted) return text;
  if (state === 'succeeded') return 'interrupted, with every host on the release';
  return text.replace(/^(failed|stopped|succeeded|paused)/, 'interrupted');
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
      return 'failed, every touched host is rolled back';
    case 'rollback_incomplete':
      return 'rollback incomplete';
    case 'aborted_clean':
      return 'stopped before any host was updated';
    case 'refused':
      return 'refused, nothing was changed';
    case 'paused':
      return 'paused, and can be resumed';
    case 'fenced':
      return 'fenced out, it no longer owns its hosts';
  }
}

export const kindTitle = (kind: RunKind): string => (kind === 'deploy' ? 'Deploy' : 'Rollback');

export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The tier of a dead-man timer. */
export function deadManText(tier: DeadMan): string {
  switch (tier) {
    case 'system':
      return 'system timer';
    case 'user':
      return 'user timer';
    case 'process':
      return 'process';
    case 'off':
      return 'none';
  }
}

import { constants } from 'node:os';
import type { ProcessEnd } from './service-process.js';
import type { RestartPolicy } from './unit-file.js';
import type { UnitState } from './unit-state.js';

/** Signals that count as a clean end of a service: systemd.service(5), SuccessExitStatus=. */
const CLEAN_SIGNALS: readonly NodeJS.Signals[] = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGPIPE'];

/** The unit's Result after its main process ended so. */
export function judgeExit(end: ProcessEnd): UnitState['result'] {
  if (end.signal !== null) return CLEAN_SIGNALS.includes(end.signal) ? 'success' : 'signal';
  return end.code === 0 ? 'success' : 'exit-code';
}

/** Whether Restart= starts the service again after such a result. */
export function wantsRestart(policy: RestartPolicy, result: UnitState['result']): boolean {
  switch (policy) {
    case 'no':
      return false;
    case 'always':
      return true;
    case 'on-success':
      return result === 'success';
    case 'on-failure':
      return result !== 'success';
    case 'on-abnormal':
      return result === 'signal' || result === 'timeout';
  }
}

export function signalNumber(signal: NodeJS.Signals): number {
  return constants.signals[signal];
}

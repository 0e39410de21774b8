import { constants } from 'node:os';
import type { ProcessEnd } from './service-process.js';
import type { RestartPolicy } from './unit-file.js';
import type { UnitState } from './unit-state.js';

/** Signals that count as a clean end of a service: systemd.service(5), SuccessExitStatus=. */
const CLEAN_SIGNALS: readonly NodeJS.Signals[] = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGPIPE'];

/** The unit's Result after its main process ended in this way. */
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

/** ExecMainCode and ExecMainStatus: 1 and the exit code, or 2 and the number of the signal. */
export function execOf(end: ProcessEnd): Pick<UnitState, 'execCode' | 'execStatus'> {
  return end.signal === null
    ? { execCode: 1, execStatus: end.code ?? 0 }
    : { execCode: 2, execStatus: constants.signals[end.signal] };
}

/** As in systemd's journal: `code=exited, status=1/FAILURE`, `code=killed, status=9/KILL`. */
export function describeEnd(end: ProcessEnd): string {
  const status = execOf(end).execStatus;
  return end.signal === null
    ? `code=exited, status=${status}/${EXIT_NAMES[status] ?? 'n/a'}`
    : `code=killed, status=${status}/${end.signal.slice(3)}`;
}

/** From systemd.exec(5), those that a practice host uses. */
const EXIT_NAMES: Readonly<Record<number, string>> = {
  1: 'FAILURE',
  2: 'INVALIDARGUMENT',
  3: 'NOTIMPLEMENTED',
  4: 'NOPERMISSION',
  5: 'NOTINSTALLED',
  6: 'NOTCONFIGURED',
  7: 'NOTRUNNING',
  200: 'CHDIR',
  203: 'EXEC',
};

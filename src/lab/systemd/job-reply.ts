import type { UnitState } from './unit-state.js';

/** The result of `systemctl`: its exit code, and its stderr. */
export interface Reply {
  readonly code: number;
  readonly text: string;
}

export const DONE: Reply = { code: 0, text: '' };

/** Why systemd refuses a job for a unit. */
export type Refusal = 'not-found' | 'bad-setting' | 'not loaded' | 'not active' | 'not reloadable';

/** The refusal of a job in the words of systemctl 252, with its exit code. */
export function refused(verb: string, unit: string, why: Refusal): Reply {
  const failed =
    verb === 'reset-failed'
      ? `Failed to reset failed state of unit ${unit}:`
      : `Failed to ${verb} ${unit}:`;
  switch (why) {
    case 'not-found':
      return { code: 5, text: `${failed} Unit ${unit} not found.` };
    case 'bad-setting':
      return {
        code: 1,
        text: `${failed} Unit ${unit} has a bad unit file setting.\nSee system logs and 'systemctl status ${unit}' for details.`,
      };
    case 'not loaded':
      return { code: verb === 'stop' ? 5 : 1, text: `${failed} Unit ${unit} not loaded.` };
    case 'not active':
      return { code: 1, text: `${unit} is not active, cannot reload.` };
    case 'not reloadable':
      return {
        code: 3,
        text: `${failed} Job type reload is not applicable for unit ${unit}.`,
      };
  }
}

/** A job that was accepted and failed. */
export function jobFailed(unit: string, result: UnitState['result']): Reply {
  return {
    code: 1,
    text: `Job for ${unit} failed because ${REASONS[result]}.\nSee "systemctl status ${unit}" and "journalctl -xeu ${unit}" for details.`,
  };
}

const REASONS: Readonly<Record<UnitState['result'], string>> = {
  success: 'of an unknown error',
  'exit-code': 'the control process exited with error code',
  signal: 'a fatal signal was delivered to the control process',
  timeout: 'a timeout was exceeded',
  resources: 'of unavailable resources or another system error',
  'start-limit-hit': 'start of the service was attempted too often',
};

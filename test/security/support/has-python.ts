import { execFileSync } from 'node:child_process';

/** Whether this machine can play a terminal: Python's `pty` does it for the tests that need one. */
export function hasPython(): boolean {
  try {
    execFileSync('python3', ['-c', 'import pty'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

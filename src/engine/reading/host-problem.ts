import type { ErrorCode } from '../../errors/codes.js';
import type { HostFailure } from '../../errors/host-failure.js';

/** A problem that preflight finds on a host, with its fix. */
export function problem(code: ErrorCode, message: string, hint: string): HostFailure {
  return { code, message, hint, step: 'preflight' };
}

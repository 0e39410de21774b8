import type { ErrorCode } from '../../errors/codes.js';
import type { HostFailure } from '../../errors/host-failure.js';

/** What preflight finds wrong on a host, with what a person may do about it. */
export function problem(code: ErrorCode, message: string, hint: string): HostFailure {
  return { code, message, hint, step: 'preflight' };
}

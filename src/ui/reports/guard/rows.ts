import type { HostFailure } from '../../../errors/host-failure.js';

export const GUARD_CHANGES = ['install', 'remove'] as const;

export type GuardChange = (typeof GUARD_CHANGES)[number];

export const GUARD_STATES = [
  'installed',
  'removed',
  'unchanged',
  'refused',
  'unreachable',
  'unknown',
] as const;

/** The result of a change of the boot guard on one host. */
export interface GuardRow {
  readonly host: string;
  readonly state: (typeof GUARD_STATES)[number];
  readonly error?: HostFailure | undefined;
  /** The unit as it should be, if fleet may not install it. */
  readonly unit?: { readonly path: string; readonly lines: readonly string[] } | undefined;
}

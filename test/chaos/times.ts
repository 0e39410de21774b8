/** The times of the policy that chaos runs under, in milliseconds, short so that a run is short. */
export const MIN_HEALTHY_MS = 500;
export const HEALTHY_DEADLINE_MS = 4_000;
export const CONFIRM_DEADLINE_MS = 12_000;
export const LEASE_MS = 6_000;

/**
 * What a dead-man timer may need past its deadline on a machine where twenty of them share two
 * cores: to start, to wait for a step that has the lock, and to move the link.
 */
export const MARGIN_MS = 10_000;

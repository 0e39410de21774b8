/**
 * How a dead-man timer waits on a host, the best first: a transient timer of the system's systemd, one of the login
 * user's, or a process that outlives its session.
 */
export const DEAD_MAN_TIERS = ['system', 'user', 'process'] as const;

export type DeadManTier = (typeof DEAD_MAN_TIERS)[number];

/** What the policy requires: `required` refuses hosts that offer none. */
export const DEAD_MAN_POLICIES = ['required', 'auto', 'off'] as const;

export type DeadManPolicy = (typeof DEAD_MAN_POLICIES)[number];

/** The dead-man timer of one host in a run. */
export type DeadMan = DeadManTier | 'off';

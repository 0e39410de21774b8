import type { HostFailure } from '../../../errors/host-failure.js';
import type { DeadMan, DeadManTier } from '../../../model/runs/dead-man.js';

export const DOCTOR_NOTES = [
  'no_dead_man',
  'no_guard',
  'clock_skew',
  'kills_processes',
  'unit_settings',
  'rights_missing',
  'sudo_listing',
  'rebooted',
  'down',
  'weak_ssh',
  'unsafe_sudoers',
  'other_login',
  'line_withheld',
  'undeletable',
  'no_way_back',
] as const;

/** What is merely worth knowing of a host; a run would go ahead all the same. */
export interface DoctorNote {
  readonly code: (typeof DOCTOR_NOTES)[number];
  readonly message: string;
}

export const SUDOERS_PURPOSES = ['settings', 'service', 'dead_man'] as const;

/** A line for sudoers.d that the host has not. */
export interface MissingSudoers {
  readonly purpose: (typeof SUDOERS_PURPOSES)[number];
  readonly line: string;
  /** Where it goes there, a file of its own. */
  readonly file: string;
}

/** What `fleet doctor` found on one host; all but `host` and `error` is empty where it was not read. */
export interface DoctorRow {
  readonly host: string;
  readonly reachable: boolean;
  /** What would stop a run there. */
  readonly stops: readonly HostFailure[];
  readonly notes: readonly DoctorNote[];
  /** How a dead-man's switch can be armed, and how a run would. */
  readonly deadMan: {
    readonly offered: readonly DeadManTier[];
    readonly used: DeadMan;
    /** The policy wants none. */
    readonly off: boolean;
  } | null;
  readonly guard: boolean | null;
  /** Whose claim it is, and for how many seconds it is good without word from its run. */
  readonly claim: {
    readonly run: string;
    readonly owner: string | null;
    readonly leaseSeconds: number | null;
  } | null;
  /** A switch that nobody has decided yet, and when its timer fires. */
  readonly open: {
    readonly phase: string;
    readonly from: string | null;
    readonly to: string | null;
    readonly switch: string | null;
    readonly deadlineSeconds: number | null;
  } | null;
  /** How much the host's clock is ahead of the bastion's, at least; 0 where no difference is seen. */
  readonly clockSkewSeconds: number | null;
  readonly sudoers: readonly MissingSudoers[];
  readonly error?: HostFailure | undefined;
}

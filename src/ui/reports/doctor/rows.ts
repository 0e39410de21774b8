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
  'unit_files',
] as const;

/** What is worth knowing about a host, but does not stop a run. */
export interface DoctorNote {
  readonly code: (typeof DOCTOR_NOTES)[number];
  readonly message: string;
}

export const SUDOERS_PURPOSES = ['settings', 'service', 'unit_files', 'dead_man'] as const;

/** A line for sudoers.d that is missing on the host. */
export interface MissingSudoers {
  readonly purpose: (typeof SUDOERS_PURPOSES)[number];
  readonly line: string;
  /** The path of its file on the host, which has no other line. */
  readonly file: string;
}

/** What `fleet doctor` found on one host. If it was not read, only `host` and `error` have values. */
export interface DoctorRow {
  readonly host: string;
  readonly reachable: boolean;
  /** What would stop a run there. */
  readonly stops: readonly HostFailure[];
  readonly notes: readonly DoctorNote[];
  /** How a dead-man timer can be armed, and how a run would arm it. */
  readonly deadMan: {
    readonly offered: readonly DeadManTier[];
    readonly used: DeadMan;
    /** The policy turns it off. */
    readonly off: boolean;
  } | null;
  readonly guard: boolean | null;
  /** Who has the claim, and in how many seconds its lease expires. */
  readonly claim: {
    readonly run: string;
    readonly owner: string | null;
    readonly leaseSeconds: number | null;
  } | null;
  /** An unfinished activation, and when its dead-man timer fires. */
  readonly open: {
    readonly phase: string;
    readonly from: string | null;
    readonly to: string | null;
    readonly switch: string | null;
    readonly deadlineSeconds: number | null;
  } | null;
  /** How much the host's clock is ahead of the bastion's, at least. 0 if no difference is seen. */
  readonly clockSkewSeconds: number | null;
  readonly sudoers: readonly MissingSudoers[];
  readonly error?: HostFailure | undefined;
}

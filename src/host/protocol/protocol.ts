import type { ErrorCode } from '../../errors/codes.js';
import type { ServingBy } from '../../model/hosts/serving-by.js';
import type { ReleaseId, RunId } from '../../model/names.js';
import type { Earlier } from '../../model/releases/choose/earlier.js';
import type { ReleaseMeta, ReleaseStanding } from '../../model/releases/release.js';
import type { RunKind } from '../../model/run-kind.js';
import type { DeadManTier } from '../../model/runs/dead-man.js';
import type { Verb } from '../../model/runs/verb.js';
import type { HostBackup } from './backup.js';
import type { PartialUpload } from './partial-upload.js';
import type { RootPart } from './root-parts.js';
import type { CommandFolder, SudoState } from './sudo-state.js';
import type { Undeletable } from './undeletable.js';
import type { KeptUnit, UnitCheck, UnitFileReading } from './unit-file.js';
import type { UnitReport, UserManager } from './unit-report.js';
import type { UnsafePath } from './unsafe-path.js';

export const HOST_PHASES = [
  'idle',
  'claimed',
  'staged',
  'armed',
  'linked',
  'restarted',
  'verified',
  'reverting',
  'down',
] as const;

/** The phase of a host's transaction, as in its state file. */
export type HostPhase = (typeof HOST_PHASES)[number];

/** Exit codes of the host program besides 0 and 1 (a failed step, as its reply says). */
export const STEP_EXIT = { missing: 69, fenced: 75, wrongPhase: 76, locked: 77 } as const;

/** One call of one verb: its arguments in order; keys may repeat. */
export interface Step {
  readonly verb: Verb;
  readonly args: readonly (readonly [key: string, value: string])[];
}

/** Whether the target of a link exists; `unknown` if the login user may not look. */
export const LINK_LEADS = ['somewhere', 'nowhere', 'unknown'] as const;

/**
 * What `current` is; `foreign` is anything but a link. A link that fleet did not make has a `target`, its text in
 * one safe line, and where that `leads`. Its `release` is the name of the folder in releases/, else a name
 * that the host program derives from the text.
 */
export type CurrentLink =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'link';
      readonly release: ReleaseId;
      readonly target?: string | undefined;
      readonly leads?: (typeof LINK_LEADS)[number] | undefined;
    }
  | { readonly kind: 'foreign'; readonly what: string };

/** One unit as systemctl and /proc show it. */
export interface UnitReading extends UnitReport {
  readonly unit: string;
  /** systemd's LoadState: `loaded`, `not-found`, `masked` … */
  readonly load: string;
  readonly active: string;
  readonly sub: string;
  readonly type: string;
  readonly mainPid: number;
  readonly invocation: string;
  readonly restarts: number;
  /** The release that the process runs; null if unknown, or there is no process. */
  readonly serving: ReleaseId | null;
  readonly servingBy: ServingBy | null;
  /** Whether the process was started before `current` was last moved, so that it needs a restart. */
  readonly pending: boolean;
  /** Whether it is another process than the one that fleet verified: restarted by a person, systemd or a boot. */
  readonly restarted: boolean;
}

/** A reading that failed on the host, and the host's reason. */
export interface Unread {
  readonly what: (typeof READABLE)[number];
  readonly why: string;
}

export const READABLE = ['state', 'units', 'releases'] as const;

/** A release as a host knows it; `complete` is false for a marker without its folder. */
export interface HostRelease {
  readonly id: ReleaseId;
  readonly standing: ReleaseStanding;
  /** When it got its standing, bastion time, RFC 3339. */
  readonly since: string;
  readonly complete: boolean;
  readonly meta: ReleaseMeta;
  /** What it takes on disk in KiB; absent if not asked. */
  readonly kib?: number | undefined;
}

/** The state file, as read. Empty strings are null here. */
export interface HostState {
  readonly phase: HostPhase;
  readonly epoch: number;
  readonly run: RunId | null;
  readonly owner: string | null;
  readonly txn: string | null;
  readonly from: ReleaseId | null;
  readonly to: ReleaseId | null;
  /** The kind of the run of the last activation; null if there was none, or an older fleet made it. */
  readonly kind: RunKind | null;
  /** What it ran before `from`. */
  readonly ran: Earlier;
  readonly current: CurrentLink;
  /** The release to which fleet last moved `current`; null if it never did. */
  readonly left: ReleaseId | null;
  readonly bootId: string;
  /** Seconds until the lease of the claim expires; null without a claim. */
  readonly lease: number | null;
  /** How the dead-man timer of the open transaction waits; null if none is open. */
  readonly switch: string | null;
  /** Seconds until that timer fires, below 0 if it is overdue; null if none is open. */
  readonly deadline: number | null;
  /** True if the host was booted since the open transaction was armed. */
  readonly rebooted: boolean;
}

/** Everything that preflight and status need of one host, read without writing. */
export interface HostFacts extends HostState {
  /** The login user's name on the host; null unless doctor asked. */
  readonly user: string | null;
  readonly uid: number;
  /** Clones share it, so it gives an order of hosts but does not identify one. */
  readonly machineId: string;
  /** The app's root with `~` and links resolved: the app may be on one machine under several roots. */
  readonly rootPath: string;
  /** A process of that machine that lives as long as the connection, `pid:start`; empty if unknown. */
  readonly session: string;
  /** The host's clock, Unix seconds. */
  readonly now: number | null;
  /** `missing` but can be created, `ok`, or the problem. */
  readonly root: 'ok' | 'missing' | 'not-writable';
  readonly freeBytes: number;
  /** How many files and folders can be made there; null if not asked, or if the file system does not count them. */
  readonly freeInodes: number | null;
  /** Existing parts of the root that cannot be written; empty if all can. */
  readonly unwritten: readonly RootPart[];
  /** The root is on a read-only file system. */
  readonly readOnly: boolean;
  /** Tools that the program needs and the host lacks. */
  readonly missingTools: readonly string[];
  /** Tools that exist but do not do what the program needs. */
  readonly unfitTools: readonly string[];
  /** Optional tools that exist: curl, bash, zstd, nc. */
  readonly tools: readonly string[];
  /** Whether systemctl may be called for the units. */
  readonly sudo: SudoState;
  /** Why sudo refuses, in its own words; null if it printed nothing. */
  readonly sudoSaid: string | null;
  /** Where systemctl is; null if not asked, or if it is in no system folder. */
  readonly systemctlIn: CommandFolder | null;
  /** Other commands for becoming root if sudo is absent. */
  readonly otherWays: readonly string[];
  /** How a dead-man timer can be armed there, the best first; empty if not asked. */
  readonly deadMan: readonly DeadManTier[];
  /** Whether a boot guard rolls an unfinished host back at boot. */
  readonly guard: boolean;
  /** Commands of a run that sudo does not allow; empty unless doctor asked. */
  readonly missingRights: readonly string[];
  /** sudo's version, e.g. `Sudo version 1.9.13p3`; null unless doctor asked, or if there is no sudo. */
  readonly sudoVersion: string | null;
  /** sudoers has a line for systemd-run that lets any command run as root. */
  readonly unsafeTimer: boolean;
  /** Shared files that are not there yet. */
  readonly missingShared: readonly string[];
  /** What another user may change: the root, the folders above it, or fleet's files there. */
  readonly unsafe: readonly UnsafePath[];
  /** The login user's own systemd, if it runs the app's units; left out for units of the system. */
  readonly userManager?: UserManager | undefined;
  readonly units: readonly UnitReading[];
  /** What is installed of the unit files that the app brings, or its current release has brought; left out if there are none. */
  readonly unitFiles?: readonly UnitFileReading[] | undefined;
  /** What the releases there have brought; left out if there is none, or if not asked. */
  readonly keptUnits?: readonly KeptUnit[] | undefined;
  /** What systemd there says of the unit files that the app brings; left out if not asked. */
  readonly unitChecks?: readonly UnitCheck[] | undefined;
  readonly releases: readonly HostRelease[];
  /** What it has kept before its link moved; absent if not asked. */
  readonly backups?: readonly HostBackup[] | undefined;
  /** Leftovers of earlier runs that could not be deleted; empty unless doctor asked. */
  readonly undeletable: readonly Undeletable[];
  /** What it has received of archives that did not arrive whole. */
  readonly partial: readonly PartialUpload[];
  /** Readings that failed, so that their absence means nothing. */
  readonly unread: readonly Unread[];
}

/** Progress of a step before its reply. */
export type StepEvent =
  | { readonly event: 'linked'; readonly release: string }
  | { readonly event: 'restarted'; readonly unit: string }
  | { readonly event: 'probe'; readonly healthy: boolean; readonly reason: string }
  | { readonly event: 'note'; readonly message: string };

/** The last line of a verb. `repeated` marks a repeated answer without an effect. */
export type StepReply =
  | {
      readonly verb: Verb;
      readonly ok: true;
      readonly phase: HostPhase;
      readonly repeated?: boolean | undefined;
    }
  | {
      readonly verb: Verb;
      readonly ok: false;
      readonly phase: HostPhase;
      readonly code: ErrorCode;
      readonly message: string;
    };

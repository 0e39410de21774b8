import type { ErrorCode } from '../errors/codes.js';
import type { DeadManTier } from '../model/dead-man.js';
import type { Earlier } from '../model/earlier.js';
import type { ReleaseId, RunId } from '../model/names.js';
import type { RunKind } from '../model/plan.js';
import type { ReleaseMeta, ReleaseStanding } from '../model/release.js';
import type { ServingBy } from '../model/serving-by.js';
import type { Verb } from '../model/verb.js';
import type { RootPart } from './root-parts.js';
import type { CommandFolder, SudoState } from './sudo-state.js';
import type { Undeletable } from './undeletable.js';
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

/** Where a host stands in its transaction, as its own state file says. */
export type HostPhase = (typeof HOST_PHASES)[number];

/** Exit codes of the host program besides 0 and 1 (a step that failed, as its reply says). */
export const STEP_EXIT = { missing: 69, fenced: 75, wrongPhase: 76, locked: 77 } as const;

/** One call of one verb: what is passed, in order; keys may repeat. Values are passed as arguments. */
export interface Step {
  readonly verb: Verb;
  readonly args: readonly (readonly [key: string, value: string])[];
}

/** Whether what a link names is there; `unknown` where the login user may not look. */
export const LINK_LEADS = ['somewhere', 'nowhere', 'unknown'] as const;

/**
 * What `current` is: `foreign` is anything but a link. A link that fleet did not make to a release of
 * its own has a `target`, its text in one safe line, and where that `leads`; its `release` is the name
 * of the folder in releases/, else a name that the host program makes of the text.
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
  /** The release that the process runs, null where that cannot be told or no process is there. */
  readonly serving: ReleaseId | null;
  readonly servingBy: ServingBy | null;
  /** Whether the process was started before `current` was last moved, so that it needs a restart. */
  readonly pending: boolean;
  /** Whether it is another process than the one that fleet verified: by hand, by systemd, by a boot. */
  readonly restarted: boolean;
}

/** What a host was asked for and could not read, and why in its own words. */
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
  /** What the run of the last switch was; null where none was made, or by an older fleet. */
  readonly kind: RunKind | null;
  /** What it ran before `from`. */
  readonly ran: Earlier;
  readonly current: CurrentLink;
  /** The release at which fleet has left `current`; null where it has never moved it, or to none. */
  readonly left: ReleaseId | null;
  readonly bootId: string;
  /** Seconds for which the claim is still good without word from its owner; null without a claim. */
  readonly lease: number | null;
  /** How the dead-man's switch of the open transaction waits; null where none is open. */
  readonly switch: string | null;
  /** Seconds until that switch fires, below 0 where it is overdue; null where none is open. */
  readonly deadline: number | null;
  /** True where the host was booted since the open transaction was armed. */
  readonly rebooted: boolean;
}

/** Everything that preflight and status need of one host, read without writing. */
export interface HostFacts extends HostState {
  /** Who is logged in, by the host's own word; null where no doctor asked. */
  readonly user: string | null;
  readonly uid: number;
  /** Clones share it, so it orders hosts and tells none apart. */
  readonly machineId: string;
  /** The app's root with `~` and links resolved: one machine may hold the app once for each. */
  readonly rootPath: string;
  /** A process of that machine that lives as long as the connection, `pid:start`; empty where unknown. */
  readonly session: string;
  /** The host's clock, Unix seconds. */
  readonly now: number | null;
  /** `missing` but creatable, `ok`, or what is in the way. */
  readonly root: 'ok' | 'missing' | 'not-writable';
  readonly freeBytes: number;
  /** No file can be made there, whatever space there is; false where no doctor asked. */
  readonly noInodes: boolean;
  /** What of the root is there and may not be written; empty where all may be. */
  readonly unwritten: readonly RootPart[];
  /** The root is on a file system that no one may write. */
  readonly readOnly: boolean;
  /** What the program needs and the host has not. */
  readonly missingTools: readonly string[];
  /** Tools that are there, and do not do what the program asks of them. */
  readonly unfitTools: readonly string[];
  /** Optional tools that are there: curl, bash, zstd, nc. */
  readonly tools: readonly string[];
  /** Whether systemctl may be called for the units. */
  readonly sudo: SudoState;
  /** Why sudo refuses, in its own words; null where it said nothing. */
  readonly sudoSaid: string | null;
  /** Where systemctl is; null where it was not asked, or is in no folder of the system. */
  readonly systemctlIn: CommandFolder | null;
  /** What there is to become root by where sudo is absent. */
  readonly otherWays: readonly string[];
  /** How a dead-man's switch can be armed there, the best first; empty where it was not asked. */
  readonly deadMan: readonly DeadManTier[];
  /** Whether a unit takes an undecided host back at boot. */
  readonly guard: boolean;
  /** What sudo does not allow of all that a run may call by it; empty where no doctor asked. */
  readonly missingRights: readonly string[];
  /** What sudo says of itself, such as `Sudo version 1.9.13p3`; null where no doctor asked, or none is there. */
  readonly sudoVersion: string | null;
  /** Sudoers has a line for systemd-run by which a command could run as root. */
  readonly unsafeTimer: boolean;
  /** Shared files that are not there yet. */
  readonly missingShared: readonly string[];
  /** What another user may change of the root, of the folders above it and of what fleet keeps there. */
  readonly unsafe: readonly UnsafePath[];
  /** Of the login user's own systemd, where the app's units are its; left out for units of the system. */
  readonly userManager?: UserManager | undefined;
  readonly units: readonly UnitReading[];
  readonly releases: readonly HostRelease[];
  /** What an earlier run has left since it could not be deleted; empty where no doctor asked. */
  readonly undeletable: readonly Undeletable[];
  /** What of all this could not be read, so that what is not there says nothing. */
  readonly unread: readonly Unread[];
}

/** Progress that a step tells of before its reply. */
export type StepEvent =
  | { readonly event: 'linked'; readonly release: string }
  | { readonly event: 'restarted'; readonly unit: string }
  | { readonly event: 'probe'; readonly healthy: boolean; readonly reason: string }
  | { readonly event: 'note'; readonly message: string };

/** The last line of a verb. `repeated` marks an answer given again without an effect. */
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

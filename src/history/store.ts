import type { ExitCode } from '../errors/codes.js';
import type { HostFailure } from '../errors/host-failure.js';
import type { HostName, ReleaseId, RunId } from '../model/names.js';
import type { Release } from '../model/releases/release.js';
import type { RunKind } from '../model/run-kind.js';
import type { HostResult, HostResultState, RunState } from '../model/runs/run.js';
import type { Stamp } from './stamp.js';

/**
 * Stores who did what, when, and how it ended. The hosts and the run's journal have priority: no run decides by what is
 * read here. Every method may reject with `history_unavailable`; whether a write that rejected was carried out is then
 * unknown. So each write may be repeated, by any process and in any order: it carries a stamp, and of two writes about
 * the same thing the one with the later stamp stays. A repeat changes nothing.
 */
export interface HistoryStore extends HistoryWrites, HistoryQuestions, SharedRuns {
  close(): Promise<void>;
}

/** How a run gets into the history. All of a run's writes follow its start; without it they leave nothing to be seen. */
export interface HistoryWrites {
  /**
   * Records a run, its hosts and its release. A later start of the same run is a resumed run: it keeps the time of its
   * first start, and is open again.
   */
  recordStart(run: RunStart): Promise<void>;
  /** Records all of this progress, or nothing. */
  recordProgress(run: RunId, progress: RunProgress): Promise<void>;
  /** Records the end; hosts that it does not name, and that no later write has named, are no longer of the run. */
  recordEnd(run: RunId, end: RunEnd): Promise<void>;
}

export interface HistoryQuestions {
  /** Newest first. */
  listRuns(filter: RunFilter): Promise<readonly RunSummary[]>;
  /** By id or an unambiguous prefix of one. Throws `run_unknown`. */
  getRun(reference: string): Promise<RunDetails>;
  /** Newest first. */
  listReleases(app: string): Promise<readonly ReleaseRecord[]>;
  /** Which release a host was on, for each app that had a run there by then; in the order of their names. */
  releaseAt(question: HostAt): Promise<readonly HostRelease[]>;
  /** Runs that started in a period, oldest first, with what became of their hosts; read in pages. */
  runsBetween(period: RunPeriod): AsyncIterable<RunOutcome>;
}

/** What bastions show each other of a run, beside the history. */
export interface SharedRuns {
  /** Runs without an end, newest first. */
  listOpenRuns(filter: {
    readonly app?: string;
    readonly group?: string;
  }): Promise<readonly RunSummary[]>;
  /** Keeps a document of a run, in place of the one of the same kind. */
  putShared(run: RunId, document: SharedDocument): Promise<void>;
  /** All documents of a run, in the order of their kinds. */
  getShared(run: RunId): Promise<readonly SharedDocument[]>;
  removeShared(run: RunId): Promise<void>;
}

/** A store's inputs: the clock, and a random number from 0 up to 1 that spreads its retries. */
export interface HistoryDeps {
  readonly now: () => Date;
  readonly random: () => number;
}

/** A release as a run used it. */
export interface RunRelease extends Release {
  /** When its commit was made, RFC 3339; null without a commit, or if no one said. */
  readonly committedAt: string | null;
}

/** A run as its plan had it. Times are RFC 3339. */
export interface RunStart {
  readonly run: RunId;
  readonly stamp: Stamp;
  readonly kind: RunKind;
  readonly app: string;
  readonly group: string;
  /** `user@bastion` */
  readonly operator: string;
  /** The hostname of the controller. */
  readonly bastion: string;
  /** The person, if that is known better than by `operator`. */
  readonly person: string | null;
  /** What else is known of who that is. */
  readonly identity: RunIdentity | null;
  readonly release: RunRelease;
  readonly reason: string | null;
  readonly startedAt: string;
  readonly hosts: readonly PlannedHost[];
}

/** Names and values, e.g. of an account, a key or a CI job; nothing secret. */
export type RunIdentity = Readonly<Record<string, string | null>>;

export interface PlannedHost {
  readonly host: HostName;
  readonly wave: number | null;
  readonly from: ReleaseId | null;
  readonly to: ReleaseId | null;
}

export interface RunProgress {
  readonly hosts: readonly HostProgress[];
  readonly events: readonly StampedEvent[];
}

/** A host's state during the run. */
export interface HostProgress {
  readonly host: HostName;
  readonly stamp: Stamp;
  readonly state: HostResultState;
  readonly at: string;
  readonly error: HostFailure | null;
}

/** A decision of a run, for the timeline; `detail` is one line for a person. */
export interface RunEvent {
  readonly at: string;
  readonly type: string;
  readonly detail: string;
}

export interface StampedEvent extends RunEvent {
  readonly stamp: Stamp;
}

/** How a run ended, with the last reading of every host. */
export interface RunEnd {
  readonly stamp: Stamp;
  readonly endedAt: string;
  readonly state: RunState;
  readonly exitCode: ExitCode;
  readonly hosts: readonly HostResult[];
}

/** Which runs to return; an absent field does not narrow. */
export interface RunFilter extends RunPeriod {
  /** Runs that had this host. */
  readonly host?: string | undefined;
  /** The whole operator, or the user before its `@`. */
  readonly operator?: string | undefined;
  /** `open`: without an end. */
  readonly state?: RunState | 'open' | undefined;
  /** The version of the release, or the beginning of its id or commit. */
  readonly release?: string | undefined;
  readonly kind?: RunKind | undefined;
  readonly limit: number;
  /** Only runs older than this one: the last one of the page before. */
  readonly before?: RunId | undefined;
}

/** Runs by app, group and the time of their start. */
export interface RunPeriod {
  /** The names of apps. */
  readonly apps?: readonly string[] | undefined;
  readonly group?: string | undefined;
  /** Started then or later. */
  readonly since?: Date | undefined;
  /** Started before then. */
  readonly until?: Date | undefined;
}

/** A run on one line. */
export interface RunSummary extends Omit<RunStart, 'stamp' | 'hosts'> {
  /** Null, as state and exit code are, while it runs or if its controller died. */
  readonly endedAt: string | null;
  readonly state: RunState | null;
  readonly exitCode: number | null;
  readonly hostCount: number;
}

/** A run with its hosts and its timeline. */
export interface RunDetails extends RunSummary {
  /** In plan order. */
  readonly hosts: readonly HostResult[];
  readonly events: readonly RunEvent[];
}

/** A run with how many of its hosts came to which state, and when. */
export interface RunOutcome extends RunSummary {
  readonly outcomes: readonly HostsOutcome[];
}

export interface HostsOutcome {
  /** From 0; null for hosts that were in no wave. */
  readonly wave: number | null;
  readonly state: HostResultState;
  readonly hosts: number;
  /** When the first and the last of them came to it. */
  readonly firstAt: string;
  readonly lastAt: string;
}

/** A release as the runs of this history have used it. */
export interface ReleaseRecord extends RunRelease {
  readonly app: string;
  /** The run that deployed it first, by whom and when. */
  readonly run: RunId;
  readonly operator: string;
  readonly deployedAt: string;
  /** When a run to it last succeeded; null if none has. */
  readonly succeededAt: string | null;
}

/** A host at a moment. */
export interface HostAt {
  readonly host: string;
  readonly at: Date;
  readonly app?: string | undefined;
}

/** Which release a host was on. */
export interface HostRelease {
  readonly app: string;
  /** Null if it had none. */
  readonly release: ReleaseId | null;
  /** False if the last run that had this host by then could not tell where it left it; `release` is where it came from. */
  readonly sure: boolean;
  /** The last run by then that had this host, and what it did with it, when. */
  readonly seen: { readonly run: RunId; readonly state: HostResultState; readonly at: string };
  /** The run that brought the release, and when that host had it; null if the history has no such run. */
  readonly brought: { readonly run: RunSummary; readonly at: string } | null;
}

/** What a bastion shows others of a run: its plan, say. */
export interface SharedDocument {
  readonly kind: string;
  readonly json: string;
}

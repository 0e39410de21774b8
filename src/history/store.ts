import type { ExitCode } from '../errors/codes.js';
import type { HostFailure } from '../errors/host-failure.js';
import type { HostName, ReleaseId, RunId } from '../model/names.js';
import type { Release } from '../model/releases/release.js';
import type { RunKind } from '../model/run-kind.js';
import type { HostResult, RunState } from '../model/runs/run.js';

/**
 * Stores who did what, when, and how it ended. The hosts and the run's journal have priority: no run decides by what is
 * read here. Every method may reject with `history_unavailable`.
 */
export interface HistoryStore {
  /** Records a run, its hosts and its release. Recording the same run again replaces it. */
  recordStart(run: RunStart): Promise<void>;
  /** Records all progress since the last time, or nothing. */
  recordProgress(run: RunId, progress: RunProgress): Promise<void>;
  /** Records the end; the hosts' final states replace the earlier ones. */
  recordEnd(run: RunId, end: RunEnd): Promise<void>;
  /** Newest first. */
  listRuns(filter: RunFilter): Promise<readonly RunSummary[]>;
  /** By id or an unambiguous prefix of one. Throws `run_unknown`. */
  getRun(reference: string): Promise<RunDetails>;
  /** Newest first. */
  listReleases(app: string): Promise<readonly ReleaseRecord[]>;
  close(): Promise<void>;
}

/** A store's inputs: the clock, and a random number from 0 up to 1 that spreads its retries. */
export interface HistoryDeps {
  readonly now: () => Date;
  readonly random: () => number;
}

/** A run as its plan had it. Times are RFC 3339, UTC. */
export interface RunStart {
  readonly run: RunId;
  readonly kind: RunKind;
  readonly app: string;
  readonly group: string;
  readonly operator: string;
  readonly release: Release;
  readonly reason: string | null;
  readonly startedAt: string;
  readonly hosts: readonly {
    readonly host: HostName;
    readonly wave: number | null;
    readonly from: ReleaseId | null;
    readonly to: ReleaseId | null;
  }[];
}

export interface RunProgress {
  /** In the order in which they reached it. */
  readonly hosts: readonly HostProgress[];
  readonly events: readonly RunEvent[];
}

/** A host's state during the run. */
export interface HostProgress {
  readonly host: HostName;
  readonly state: HostResult['state'];
  readonly at: string;
  readonly error: HostFailure | null;
}

/** A decision of a run, for the timeline; `detail` is one line for a person. */
export interface RunEvent {
  readonly at: string;
  readonly type: string;
  readonly detail: string;
}

/** How a run ended, with the last reading of every host. */
export interface RunEnd {
  readonly endedAt: string;
  readonly state: RunState;
  readonly exitCode: ExitCode;
  readonly hosts: readonly HostResult[];
}

/** Which runs to return; an absent field does not narrow. */
export interface RunFilter {
  readonly app?: string | undefined;
  readonly group?: string | undefined;
  readonly limit: number;
  /** Only runs older than this one. */
  readonly before?: RunId | undefined;
}

/** A run on one line. */
export interface RunSummary {
  readonly run: RunId;
  readonly kind: RunKind;
  readonly app: string;
  readonly group: string;
  readonly operator: string;
  readonly release: Release;
  /** Why, in the words of the operator; null if not given. */
  readonly reason: string | null;
  readonly startedAt: string;
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

/** A release as the runs of this history have used it. */
export interface ReleaseRecord extends Release {
  readonly app: string;
  /** The run that deployed it first, by whom and when. */
  readonly run: RunId;
  readonly operator: string;
  readonly deployedAt: string;
  /** When a run to it last succeeded; null if none has. */
  readonly succeededAt: string | null;
}

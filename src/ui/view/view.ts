import type { ExitCode } from '../../errors/codes.js';
import type { HostFailure } from '../../errors/host-failure.js';
import type { EventOf } from '../../events/event.js';
import type { HostName, ReleaseId, RunId } from '../../model/names.js';
import type { RunKind } from '../../model/run-kind.js';
import { STAGE_TRAITS } from '../../model/runs/host-stage.js';
import type { PlanView } from '../../model/runs/plan-view.js';
import type {
  HostResult,
  HostStage,
  RunPhase,
  RunState,
  StopReason,
} from '../../model/runs/run.js';

/** How many hosts are in each stage; stages without hosts may be absent. */
export type StageCounts = Readonly<Partial<Record<HostStage, number>>>;

export interface HostView {
  readonly name: HostName;
  /** From 0; null during preflight, before there is a plan. */
  readonly wave: number | null;
  readonly stage: HostStage;
  /** When its stage began; milliseconds since 1970, as all times of a view. */
  readonly since: number;
  /** False while it waits for its turn in this stage. */
  readonly begun: boolean;
  /** Its last note in this stage. */
  readonly note: string | null;
  /** The first failure; later ones follow from it. */
  readonly failure: HostFailure | null;
}

export type WaveState =
  | 'waiting'
  | 'switching'
  | 'baking'
  | 'gate'
  | 'paused'
  | 'passed'
  | 'failed'
  | 'inconclusive';

export interface WaveView {
  readonly index: number;
  readonly hosts: readonly HostName[];
  readonly counts: StageCounts;
  readonly state: WaveState;
  /** The end of its bake; null before. */
  readonly bakeUntil: number | null;
}

/** A part of the run that has begun; `endedAt` is null while it runs. */
export interface PhaseView {
  readonly phase: RunPhase;
  readonly wave: number | null;
  readonly hosts: readonly HostName[];
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** Whether the run stopped in it. */
  readonly hasFailed: boolean;
}

export interface Preflight {
  readonly hosts: readonly HostName[];
  readonly answered: number;
  readonly failed: number;
}

export interface RunHeader {
  readonly run: RunId;
  readonly kind: RunKind;
  readonly app: string;
  readonly group: string;
  readonly release: ReleaseId;
  readonly operator: string;
  readonly plan: PlanView;
}

export interface Warning {
  readonly message: string;
  readonly host: HostName | null;
}

export type UploadView = Pick<EventOf<'upload-progress'>, 'sentBytes' | 'totalBytes'>;

export interface RunEnd {
  readonly state: RunState;
  readonly exitCode: ExitCode;
  readonly hosts: readonly HostResult[];
  readonly startedAt: number;
  readonly endedAt: number;
}

/** A hook of a wave or of the run. */
export interface HookView {
  readonly name: string;
  readonly host: HostName | null;
  readonly startedAt: number;
  /** Its last line. */
  readonly note: string | null;
}

/** All that is shown of a run. Its events are the only source. */
export interface View {
  /** The first event's time; null before it. */
  readonly startedAt: number | null;
  readonly lastAt: number;
  readonly preflight: Preflight | null;
  readonly header: RunHeader | null;
  /** In the order in which they began. */
  readonly phases: readonly PhaseView[];
  readonly waves: readonly WaveView[];
  /** Preflight's hosts, then the plan's, in its order. */
  readonly hosts: ReadonlyMap<HostName, HostView>;
  readonly counts: StageCounts;
  /** Hosts that are being worked on, the longest first. */
  readonly running: ReadonlyMap<HostName, HostView>;
  /** Hosts that failed or cannot be read, in the order in which this was seen. */
  readonly failed: ReadonlyMap<HostName, HostView>;
  /** How far the uploads are; null if they are short. */
  readonly upload: UploadView | null;
  /** The hook of a wave or of the run that runs now. */
  readonly hook: HookView | null;
  /** Those that failed and that no host shows. */
  readonly failedHooks: readonly { readonly title: string; readonly failure: HostFailure }[];
  readonly stop: StopReason | null;
  readonly warnings: readonly Warning[];
  readonly end: RunEnd | null;
  /** No more events come, whether or not the run has ended. */
  readonly isOver: boolean;
}

export const isRunning = (host: HostView): boolean =>
  host.begun && STAGE_TRAITS[host.stage].working;
export const isFailed = (host: HostView): boolean =>
  host.failure !== null || STAGE_TRAITS[host.stage].failed;

/** The phase that runs now: the last that began and has not ended. */
export function currentPhase(view: View): PhaseView | null {
  return view.phases.findLast((phase) => phase.endedAt === null) ?? null;
}

/** Hosts in any of these stages. */
export function countIn(counts: StageCounts, ...stages: readonly HostStage[]): number {
  return stages.reduce((sum, stage) => sum + (counts[stage] ?? 0), 0);
}

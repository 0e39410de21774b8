/** How often a group was deployed to, and how that went, as the history has it. */
export interface StatsRow {
  readonly app: string;
  readonly group: string;
  readonly ends: {
    readonly succeeded: number;
    readonly failed: number;
    readonly canary: number;
    readonly untouched: number;
    readonly stopped: number;
    readonly open: number;
  };
  readonly frequency: {
    readonly perWeek: number | null;
    readonly deploys: number;
    readonly weeks: number;
  };
  readonly leadTime: TimeFigureRow;
  readonly changeFailRate: {
    readonly rate: number | null;
    readonly failed: number;
    readonly deploys: number;
    readonly rolledBackLater: number;
  };
  readonly timeToRestore: TimeFigureRow & { readonly notRestored: number };
  readonly weekly: readonly StatsWeek[];
}

/** What is null has too few values behind it. */
export interface TimeFigureRow {
  readonly medianMs: number | null;
  readonly p90Ms: number | null;
  readonly count: number;
}

export interface StatsWeek {
  readonly week: string;
  readonly succeeded: number;
  readonly failed: number;
  readonly canary: number;
  readonly other: number;
}

export interface StatsReport {
  readonly since: string;
  readonly until: string;
  /** How long after a deploy a rollback counts as its failure. */
  readonly rolledBackWithinDays: number;
  /** How many values a figure needs. */
  readonly fewest: {
    readonly deploys: number;
    readonly leadTimes: number;
    readonly restores: number;
    readonly rate: number;
    readonly days: number;
  };
  readonly rows: readonly StatsRow[];
}

/** What each figure counts, in one sentence. */
export const definitionsOf = ({ rolledBackWithinDays: days }: StatsReport) =>
  ({
    frequency: 'deploys that succeeded, a week',
    leadTime:
      'from the commit of a release to the end of the deploy that first brought it everywhere; half took less. ' +
      'Older commits in the same release took longer',
    changeFailRate:
      `deploys that failed after the first wave, or were rolled back within ${days} days, ` +
      'of these and all that succeeded',
    timeToRestore:
      'from the first host on a failed deploy to the end of the run that put it right; half took less',
    canary:
      'deploys that failed in the first of several waves: the canary did its work, so they are in no figure above',
  }) as const;

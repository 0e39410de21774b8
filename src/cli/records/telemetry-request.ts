import type { Plan } from '../../model/runs/plan.js';

/** Files that other programs read, as they were typed. */
export interface TelemetryFiles {
  readonly logFile?: string;
  readonly metricsDir?: string;
  readonly junit?: string;
  readonly dotenv?: string;
}

export interface TelemetryRequest {
  readonly plan: Plan;
  /** A run that died gets its last log line alone: its start was in another process. */
  readonly run: 'begins' | 'died';
  readonly files?: TelemetryFiles | undefined;
  readonly warn: (message: string) => void;
}

/** What is to be written, with absolute paths. */
export interface Wanted {
  readonly logFile: string | null;
  readonly metricsDir: string | null;
  readonly junit: string | null;
  readonly dotenv: string | null;
  /** The file for the summary of a GitHub job; empty outside of it. */
  readonly github: boolean;
  readonly journal: boolean;
  readonly otel: boolean;
}

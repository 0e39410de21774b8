/**
 * The rows of a history database: one schema for every SQL store. Times are RFC 3339 text. Columns of a stamp are null
 * if a fleet wrote the row that had none.
 */
export interface HistoryTables {
  readonly runs: RunRow;
  readonly run_hosts: RunHostRow;
  readonly run_events: RunEventRow;
  readonly releases: ReleaseRow;
  readonly run_documents: DocumentRow;
  readonly schema_migrations: MigrationRow;
  readonly schema_steps: StepRow;
}

/** A run; the columns of its end are null until it has ended. */
export interface RunRow {
  run: string;
  kind: string;
  app: string;
  group_name: string;
  operator: string;
  release_id: string;
  version: string;
  commit_id: string | null;
  digest: string;
  started_at: string;
  ended_at: string | null;
  state: string | null;
  exit_code: number | null;
  host_count: number;
  reason: string | null;
  bastion: string | null;
  person: string | null;
  /** An object of texts as JSON. */
  identity: string | null;
  committed_at: string | null;
  start_stamp: string | null;
  end_stamp: string | null;
}

/** One host of a run, as far as it has come. */
export interface RunHostRow {
  run: string;
  host: string;
  /** Its place in the plan. */
  position: number;
  wave: number | null;
  from_release: string | null;
  to_release: string | null;
  state: string;
  /** When it came to that state. */
  updated_at: string;
  /** A host failure as JSON. */
  error: string | null;
  stamp: string | null;
}

export interface RunEventRow {
  run: string;
  at: string;
  type: string;
  detail: string;
  stamp: string | null;
}

/** A release of an app, with the run that brought it first. */
export interface ReleaseRow {
  app: string;
  id: string;
  version: string;
  commit_id: string | null;
  digest: string;
  run: string;
  operator: string;
  deployed_at: string;
  succeeded_at: string | null;
  committed_at: string | null;
}

/** A part of a document of a run: a database limits the size of one statement. */
export interface DocumentRow {
  run: string;
  kind: string;
  part: number;
  content: string;
}

interface MigrationRow {
  version: number;
  applied_at: string;
}

interface StepRow {
  name: string;
  applied_at: string;
}

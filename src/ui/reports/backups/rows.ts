/** A backup on one host, as it is shown. */
export interface BackupRow {
  readonly host: string;
  /** Its name on the host. */
  readonly backup: string;
  /** The run that took it. */
  readonly run: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly by: string | null;
  readonly kind: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly bytes: number;
  /** Of what the command wrote; null without a command. */
  readonly commandBytes: number | null;
  readonly paths: readonly { readonly path: string; readonly bytes: number | null }[];
}

/**
 * Exit codes of every command; see the table in docs/errors.md. `failed` is what was asked for and did not
 * come about, with nothing left for a person to mend: a run of which every host is back, or a command of
 * `exec` that ended with another code than 0 on a host.
 */
export const EXIT = {
  ok: 0,
  internal: 1,
  refused: 2,
  partial: 3,
  failed: 4,
  mixed: 5,
  incomplete: 6,
  locked: 7,
  paused: 8,
  preflight: 9,
  awaiting: 10,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * Every code a `FleetError` or a host failure can have, with the exit code a command ends with
 * where this is the reason. docs/errors.md has a paragraph for each; a test sees to it.
 */
export const ERROR_CODES = {
  // usage, config, inventory
  usage: EXIT.refused,
  config_not_found: EXIT.refused,
  config_invalid: EXIT.refused,
  inventory_not_found: EXIT.refused,
  inventory_invalid: EXIT.refused,
  untrusted_file: EXIT.refused,
  group_unknown: EXIT.refused,
  selection_empty: EXIT.refused,
  secret_unavailable: EXIT.refused,
  confirmation_required: EXIT.refused,
  // releases
  source_invalid: EXIT.refused,
  build_failed: EXIT.refused,
  archive_unsafe: EXIT.refused,
  release_id_invalid: EXIT.refused,
  release_exists: EXIT.refused,
  release_unknown: EXIT.refused,
  release_ambiguous: EXIT.refused,
  release_bad: EXIT.refused,
  release_drifted: EXIT.refused,
  hosts_disagree: EXIT.refused,
  nothing_to_roll_back_to: EXIT.refused,
  history_unavailable: EXIT.refused,
  run_unknown: EXIT.refused,
  run_over: EXIT.refused,
  run_not_here: EXIT.refused,
  journal_newer: EXIT.refused,
  plan_invalid: EXIT.refused,
  plan_moved: EXIT.refused,
  // approvals
  reason_required: EXIT.refused,
  approval_required: EXIT.refused,
  approval_pending: EXIT.awaiting,
  approval_unknown: EXIT.refused,
  approval_refused: EXIT.refused,
  approval_denied: EXIT.refused,
  approval_expired: EXIT.refused,
  approval_used: EXIT.refused,
  descriptor_limit: EXIT.refused,
  // this machine
  file_unusable: EXIT.refused,
  bastion_full: EXIT.refused,
  output_lost: EXIT.internal,
  // reaching hosts
  unreachable: EXIT.preflight,
  connect_timeout: EXIT.preflight,
  auth_failed: EXIT.preflight,
  host_key_unknown: EXIT.preflight,
  host_key_changed: EXIT.preflight,
  host_key_revoked: EXIT.preflight,
  identity_unusable: EXIT.preflight,
  connection_lost: EXIT.preflight,
  no_common_algorithm: EXIT.preflight,
  forwarding_refused: EXIT.preflight,
  // what preflight finds on hosts
  preflight_failed: EXIT.refused,
  max_unavailable: EXIT.refused,
  tools_missing: EXIT.refused,
  root_not_writable: EXIT.refused,
  root_unsafe: EXIT.refused,
  current_not_a_link: EXIT.refused,
  unit_unknown: EXIT.refused,
  unit_unfit: EXIT.refused,
  not_lingering: EXIT.refused,
  not_readable: EXIT.refused,
  sudo_password: EXIT.refused,
  sudo_denied: EXIT.refused,
  sudo_tty: EXIT.refused,
  sudo_path: EXIT.refused,
  sudo_absent: EXIT.refused,
  sudo_unknown: EXIT.refused,
  disk_full: EXIT.refused,
  shared_missing: EXIT.refused,
  backup_unknown: EXIT.refused,
  dead_man_unavailable: EXIT.refused,
  same_machine: EXIT.refused,
  undecided: EXIT.refused,
  locked: EXIT.locked,
  fenced: EXIT.locked,
  lease_lost: EXIT.locked,
  // what steps find on hosts
  wrong_phase: EXIT.failed,
  moved: EXIT.failed,
  not_armed: EXIT.failed,
  rebooted: EXIT.failed,
  digest_mismatch: EXIT.failed,
  pull_failed: EXIT.failed,
  backup_failed: EXIT.failed,
  restore_failed: EXIT.failed,
  base_changed: EXIT.failed,
  unpack_failed: EXIT.failed,
  link_failed: EXIT.failed,
  service_failed: EXIT.failed,
  unit_unhealthy: EXIT.failed,
  probe_failed: EXIT.failed,
  step_failed: EXIT.failed,
  step_timeout: EXIT.failed,
  hook_failed: EXIT.failed,
  hook_interrupted: EXIT.refused,
  bad_reply: EXIT.failed,
  host_down: EXIT.incomplete,
  // the controller itself
  interrupted: EXIT.interrupted,
  internal: EXIT.internal,
} as const satisfies Record<string, ExitCode>;

export type ErrorCode = keyof typeof ERROR_CODES;

export function exitCodeOf(code: ErrorCode): ExitCode {
  return ERROR_CODES[code];
}

import type { ErrorCode } from '../../errors/codes.js';
import type { Verb } from '../../model/runs/verb.js';
import { VERB_TRAITS } from '../protocol/verb-traits.js';

/**
 * All codes that the host program may send. A command exits with the code's number, so a host must not send
 * others, e.g. `interrupted` or `lease_lost`. A test compares this list with the program's text.
 */
export const REPLY_CODES = [
  'usage',
  'release_drifted',
  'release_id_invalid',
  'release_exists',
  'archive_unsafe',
  'backup_failed',
  'backup_unknown',
  'base_changed',
  'current_not_a_link',
  'dead_man_unavailable',
  'digest_mismatch',
  'disk_full',
  'fenced',
  'hook_failed',
  'hook_interrupted',
  'host_down',
  'link_failed',
  'locked',
  'moved',
  'not_armed',
  'probe_failed',
  'pull_failed',
  'rebooted',
  'restore_failed',
  'root_not_writable',
  'root_unsafe',
  'same_machine',
  'service_failed',
  'shared_missing',
  'step_failed',
  'sudo_denied',
  'sudo_password',
  'sudo_path',
  'sudo_tty',
  'unit_unfit',
  'unit_unhealthy',
  'unit_unknown',
  'unpack_failed',
  'wrong_phase',
] as const satisfies readonly ErrorCode[];

/** A verb that takes no lock and changes nothing fails only if its arguments are wrong. */
const OF_READING: ReadonlySet<ErrorCode> = new Set(['usage', 'release_id_invalid']);

/** Whether the verb can fail with this code. */
export function canFailBy(verb: Verb, code: ErrorCode): boolean {
  return !VERB_TRAITS[verb].reads || OF_READING.has(code);
}

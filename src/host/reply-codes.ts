import type { ErrorCode } from '../errors/codes.js';
import type { Verb } from '../model/verb.js';
import { VERB_TRAITS } from './verb-traits.js';

/**
 * The codes that the host program gives, all of them. A command ends with the exit code that belongs
 * to the code, so a host may say no other: `interrupted` or `lease_lost` are not its to say. A test
 * holds this list against the program's text.
 */
export const REPLY_CODES = [
  'usage',
  'release_id_invalid',
  'release_exists',
  'archive_unsafe',
  'current_not_a_link',
  'dead_man_unavailable',
  'digest_mismatch',
  'disk_full',
  'fenced',
  'host_down',
  'link_failed',
  'locked',
  'moved',
  'not_armed',
  'probe_failed',
  'rebooted',
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
  'unit_unhealthy',
  'unit_unknown',
  'unpack_failed',
  'wrong_phase',
] as const satisfies readonly ErrorCode[];

/** A verb that takes no lock and changes nothing fails only where it was called with wrong arguments. */
const OF_READING: ReadonlySet<ErrorCode> = new Set(['usage', 'release_id_invalid']);

/** Whether the verb can fail in that way at all. */
export function canFailBy(verb: Verb, code: ErrorCode): boolean {
  return !VERB_TRAITS[verb].reads || OF_READING.has(code);
}

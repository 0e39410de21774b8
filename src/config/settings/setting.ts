import type { Problem } from '../../errors/fleet-error.js';
import { type Place, problemIn } from '../yaml/place.js';

/**
 * Set where a way was written for ssh itself, by Ansible's arguments: the keys that are named for the
 * jump host. It then has a login of its own, as `ssh -J` gives it, and none of the host behind it.
 */
export const JUMP_KEYS = 'ssh.jump_keys';

export type SettingValue = string | number | boolean | null | readonly string[];

export interface Setting {
  readonly value: SettingValue;
  readonly place: Place;
}

/** Where a value comes from, whoever said it. */
export type Origin =
  | { readonly kind: 'inventory'; readonly place: Place }
  | { readonly kind: 'ssh-config'; readonly place: Place }
  /** Somewhere in these files of ssh_config; where exactly only ssh knows. */
  | { readonly kind: 'ssh-config-files'; readonly files: readonly string[] }
  | { readonly kind: 'default' };

export const BY_DEFAULT: Origin = { kind: 'default' };

/** A value that holds, from wherever. */
export interface Sourced {
  readonly value: SettingValue;
  readonly origin: Origin;
}

/** What is wrong with a value, at the place that it comes from. */
export function problemFrom(
  origin: Origin,
  words: { readonly message: string; readonly hint?: string },
): Problem {
  switch (origin.kind) {
    case 'inventory':
    case 'ssh-config':
      return problemIn(origin.place, words);
    case 'ssh-config-files':
      return { ...words, message: `${words.message} (${origin.files.join(', ')})` };
    case 'default':
      return words;
  }
}

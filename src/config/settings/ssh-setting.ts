import type * as z from 'zod';
import type { Endpoint, SshSettings } from '../../model/hosts/host.js';
import type { LocalBase } from '../paths/local-path.js';
import type { SettingValue } from './setting.js';

/** The known_hosts files that are read where an ssh_config names only one kind of them, or none. */
export interface KnownHostsFiles {
  readonly user: readonly string[];
  readonly global: readonly string[];
}

/** The user whose defaults these are, and what was found in their home. */
export interface LocalPerson {
  readonly localUser: string;
  /** The identity files that ssh itself would try, as far as they exist. */
  readonly identityFiles: readonly string[];
  readonly knownHosts: KnownHostsFiles;
}

/** What a host gets beside the values of its settings. */
export interface HostContext {
  /** The jump host in front of it, resolved. */
  readonly jump: Endpoint | null;
  /** `$SSH_AUTH_SOCK`. */
  readonly agentSocket: string | null;
}

/** What `ssh -G` answers under the keywords of one setting. */
export interface SshWords {
  /** The first value of the first of these keywords that ssh names. */
  readonly first: string;
  /** All values of that keyword. */
  readonly all: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly knownHosts: KnownHostsFiles;
  /** Tokens such as `%h` and variables such as `${HOME}` replaced by their values. */
  readonly expand: (text: string) => string;
  /** As {@link expand}, and made absolute. */
  readonly paths: (texts: readonly string[]) => readonly string[];
  /** The files that a keyword names; null where ssh does not name it. */
  readonly files: (keyword: string) => readonly string[] | null;
}

/** A value that ssh itself would refuse. */
export const MALFORMED = Symbol('malformed');

/** How a setting is taken from ssh_config. */
export interface FromSshConfig<Value> {
  /** As ssh_config(5) spells them; of several that are set the first is where the value is from. */
  readonly keywords: readonly string[];
  /** For people, in docs/config.md: what of the values is taken, where that is not all. */
  readonly note?: string;
  /** Undefined where the value changes nothing for fleet. */
  read(words: SshWords): Value | undefined | typeof MALFORMED;
}

/**
 * All that fleet knows of one key of `ssh:`. Methods, not functions, so that rows of several types are
 * one list: each is given only what came out of its own `read`s and `byDefault`.
 */
export interface SshSetting<
  Schema extends z.ZodType,
  Value extends SettingValue,
  Field extends keyof SshSettings,
> {
  /** What an inventory may have under the key. */
  readonly schema: Schema;
  /** What a validated value of an inventory means: paths absolute, durations in milliseconds. */
  read(written: z.output<Schema>, base: LocalBase): Value;
  byDefault(person: LocalPerson): Value;
  readonly sshConfig?: FromSshConfig<NoInfer<Value>>;
  /** Variables of Ansible with the same meaning; of several that are set the last counts. */
  readonly ansible?: readonly string[];
  /** Where a host has it. */
  readonly field: Field;
  resolve(value: Value, host: HostContext): SshSettings[Field];
  /** As `fleet inventory --origin` shows it. */
  show(resolved: SshSettings[Field]): SettingValue;
  /** For people, in docs/config.md: the default, and what the setting does. */
  readonly words: readonly [byDefault: string, says: string];
}

/** Infers the types of a row from what it holds. */
export const setting = <
  const Schema extends z.ZodType,
  Value extends SettingValue,
  const Field extends keyof SshSettings,
>(
  row: SshSetting<Schema, Value, Field>,
): SshSetting<Schema, Value, Field> => row;

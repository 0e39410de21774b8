import type { TypedFlags } from '../../ui/run/next-commands.js';
import type { CommonOptions } from '../context/options.js';
import type { RunOptions } from './run-options.js';

/** The flags that a command typed after this one needs again. */
export function typedFlags({ config, inventory, limit, from }: RunOptions): TypedFlags {
  return {
    config: flag('-c', config).join(''),
    inventory: inventory.flatMap((path) => flag('-i', path)).join(' '),
    limit: flag('-l', limit).join(''),
    from: flag('--from', from).join(''),
  };
}

/** A flag as it is typed in a shell; empty for a value that was not given. */
export const flag = (name: string, value: string | number | undefined): readonly string[] =>
  value === undefined ? [] : [`${name} ${word(String(value))}`];

/** The flags that say which files and hosts a command is about. */
export const typedWhere = ({ config, app, inventory, group }: CommonOptions): readonly string[] => [
  ...flag('-c', config),
  ...flag('--app', app),
  ...inventory.flatMap((path) => flag('-i', path)),
  ...group.flatMap((name) => flag('-g', name)),
];

/** One word for the shells that people type in. */
const word = (text: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

import type { CommandChange, Retype } from '../model/retype.js';
import type { TypedFlags } from '../ui/next-commands.js';
import type { RolloutRequest } from './propose.js';
import type { RunOptions } from './run-options.js';

/** What of a rollout's command a refusal types again. */
export interface Typed {
  readonly options: RunOptions;
  readonly request: RolloutRequest & { readonly dryRun: boolean };
}

/** The command that was typed, with something changed: a line to be pasted into a shell. */
export function retypeRollout({ options, request }: Typed): Retype {
  return (change) =>
    [
      `fleet ${request.dryRun ? 'plan ' : ''}${request.kind}`,
      ...whereFlags(options),
      ...limitFlags(options.limit, change),
      ...whatFlags(request, change),
      ...flag('--max-unavailable', change.maxUnavailable ?? options.maxUnavailable?.text),
      ...(options.yes === true ? ['--yes'] : []),
    ].join(' ');
}

/** The flags that other commands need again after this one. */
export function typedFlags({ config, inventory, limit, from }: RunOptions): TypedFlags {
  return {
    config: flag('-c', config).join(''),
    inventory: inventory.flatMap((path) => flag('-i', path)).join(' '),
    limit: flag('-l', limit).join(''),
    from: flag('--from', from).join(''),
  };
}

function whereFlags({ config, inventory, group }: RunOptions): readonly string[] {
  return [
    ...flag('-c', config),
    ...inventory.flatMap((path) => flag('-i', path)),
    ...group.flatMap((name) => flag('-g', name)),
  ];
}

/** What was left out before stays so. */
function limitFlags(limit: string | undefined, change: CommandChange): readonly string[] {
  const { without = [], only = [] } = change;
  const excluded = without.map((host) => `!${host}`);
  const kept = only.length > 0 ? only : limit === undefined ? [] : [limit];
  const terms = [...kept, ...excluded];
  return terms.length === 0 ? [] : flag('-l', terms.join(','));
}

function whatFlags(request: Typed['request'], { to }: CommandChange): readonly string[] {
  if (request.kind === 'deploy') {
    return [...flag('--from', request.from), ...flag('--release', request.id)];
  }
  return [
    ...flag('--to', to ?? request.to),
    ...(request.force ? ['--force'] : []),
    ...(request.allAtOnce ? ['--all-at-once'] : []),
  ];
}

const flag = (name: string, value: string | number | undefined): readonly string[] =>
  value === undefined ? [] : [`${name} ${word(String(value))}`];

/** One word for the shells that people type in. */
const word = (text: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

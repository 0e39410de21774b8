import type { CommandChange, Retype } from '../../model/releases/choose/retype.js';
import type { App } from '../../model/runs/app.js';
import type { RunOptions } from '../session/run-options.js';
import { flag } from '../session/typed-flags.js';
import type { RolloutRequest } from './prepare-run.js';

/** The parts of a rollout's command that a refusal types again. */
export interface Typed {
  readonly app: Pick<App, 'name' | 'several'>;
  readonly options: RunOptions;
  readonly request: RolloutRequest & { readonly dryRun: boolean };
}

/** The command that was typed, with one change: a line to paste into a shell. */
export function retypeRollout({ app, options, request }: Typed): Retype {
  return (change) =>
    [
      `fleet ${request.dryRun ? 'plan ' : ''}${request.kind}`,
      ...flag('--app', app.several === true ? app.name : options.app),
      ...whereFlags(options),
      ...limitFlags(options.limit, change),
      ...whatFlags(request, change),
      ...flag('--max-unavailable', change.maxUnavailable ?? options.maxUnavailable?.text),
      ...(options.yes === true ? ['--yes'] : []),
    ].join(' ');
}

function whereFlags({ config, inventory, group }: RunOptions): readonly string[] {
  return [
    ...flag('-c', config),
    ...inventory.flatMap((path) => flag('-i', path)),
    ...group.flatMap((name) => flag('-g', name)),
  ];
}

/** Hosts that the typed limit excludes stay excluded. */
function limitFlags(limit: string | undefined, change: CommandChange): readonly string[] {
  const { without = [], only = [] } = change;
  const excluded = without.map((host) => `!${host}`);
  const kept = only.length > 0 ? only : limit === undefined ? [] : [limit];
  const terms = [...kept, ...excluded];
  return terms.length === 0 ? [] : flag('-l', terms.join(','));
}

function whatFlags(request: Typed['request'], { to }: CommandChange): readonly string[] {
  if (request.kind === 'deploy') {
    return [
      ...flag('--from', request.from),
      ...flag('--release', request.id),
      ...(request.build ? [] : ['--no-build']),
    ];
  }
  return [
    ...flag('--to', to ?? request.to),
    ...(request.force ? ['--force'] : []),
    ...(request.allAtOnce ? ['--all-at-once'] : []),
    ...(request.restoreBackup ? ['--restore-backup'] : []),
    ...(request.verify ? ['--verify'] : []),
  ];
}

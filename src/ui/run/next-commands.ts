import { EXIT } from '../../errors/codes.js';
import type { HostName } from '../../model/names.js';
import { type HostResult, isResumable } from '../../model/runs/run.js';
import type { RunEnd, RunHeader } from '../view/view.js';

/** A command to type next, and what for. */
export interface NextCommand {
  readonly why: string;
  readonly command: string;
}

/** Flags of the command that was typed, each as it is typed again; empty where it had none. */
export interface TypedFlags {
  /** `-c FILE` */
  readonly config: string;
  /** `-i PATH`, once for each. */
  readonly inventory: string;
  /** `-l HOSTS` */
  readonly limit: string;
  /** `--from SOURCE` */
  readonly from: string;
}

export const NOTHING_TYPED: TypedFlags = { config: '', inventory: '', limit: '', from: '' };

/**
 * What a person does next, by how the run ended. Flags that were typed are typed again where the command
 * would be refused without, or would go to other hosts.
 */
export function nextCommands(
  header: RunHeader,
  end: RunEnd,
  typed: TypedFlags,
): readonly NextCommand[] {
  const show = { why: 'Details', command: line('fleet show', header.run, typed.config) };
  const where = [`-g ${header.group}`, typed.config, typed.inventory];
  const status = { why: 'What is where', command: line('fleet status', ...where) };
  const goOn = { why: 'To go on', command: line('fleet resume', header.run, typed.from) };
  const again = (limit: string): string => repeated(header, typed, limit);
  const back = takeBack(header, end, typed);
  switch (end.exitCode) {
    case EXIT.ok:
      return header.kind === 'deploy' ? back : [];
    case EXIT.partial:
      return [
        {
          why: 'Once they can be reached',
          command: again(limitTo(skipped(end.hosts)) || typed.limit),
        },
        show,
      ];
    case EXIT.mixed:
      return [...back, { why: 'To go on', command: again(typed.limit) }, status];
    case EXIT.incomplete:
      return [{ ...status, why: 'Look at the broken hosts first' }, show];
    case EXIT.locked:
      return [status, show];
    case EXIT.paused:
      return [goOn, status];
    case EXIT.interrupted:
      return isResumable(end.state) ? [...back, goOn, status] : [...back, status, show];
    case EXIT.internal:
    case EXIT.refused:
    case EXIT.failed:
    case EXIT.preflight:
      return [show];
  }
}

/** Where a rollback without --to goes, as the plan has found it; nothing where it would refuse. */
function takeBack(
  { group, plan }: RunHeader,
  end: RunEnd,
  { config, inventory, limit }: TypedFlags,
): readonly NextCommand[] {
  const isMoved = end.hosts.some((host) => host.state === 'done');
  if (!isMoved || plan.backTo === null) return [];
  const what = `--to ${plan.backTo}`;
  const command = line('fleet rollback', `-g ${group}`, what, limit, config, inventory);
  return [{ why: 'To take it back', command }];
}

/** The run once more. */
function repeated(
  { kind, group, release }: RunHeader,
  { config, inventory, from }: TypedFlags,
  limit: string,
): string {
  const what =
    kind === 'deploy' ? [`--release ${release}`, limit, from] : [`--to ${release}`, limit];
  return line(`fleet ${kind}`, `-g ${group}`, ...what, config, inventory);
}

const limitTo = (hosts: readonly HostName[]): string =>
  hosts.length > 0 && hosts.length <= 5 ? `-l ${hosts.join(',')}` : '';

const line = (...words: readonly string[]): string => words.filter((word) => word !== '').join(' ');

const skipped = (results: readonly HostResult[]): readonly HostName[] =>
  results.filter((result) => result.state === 'skipped').map((result) => result.host);

import { EXIT } from '../../errors/codes.js';
import type { HostName } from '../../model/names.js';
import { whereFlags } from '../../model/releases/where.js';
import { type HostResult, isResumable } from '../../model/runs/run.js';
import type { RunEnd, RunHeader } from '../view/view.js';

/** A command to type next, and its purpose. */
export interface NextCommand {
  readonly why: string;
  readonly command: string;
}

/** Flags of the command that was typed, as they are typed again; empty without the flag. */
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
 * What a person types next, by how the run ended. A flag is repeated if the command would be refused
 * without it, or would go to other hosts.
 */
export function nextCommands(
  header: RunHeader,
  end: RunEnd,
  typed: TypedFlags,
): readonly NextCommand[] {
  const show = { why: 'Details', command: line('fleet show', header.run, typed.config) };
  const where = [whereOf(header), typed.config, typed.inventory];
  const status = { why: 'Status', command: line('fleet status', ...where) };
  const resume = { why: 'To continue', command: line('fleet resume', header.run, typed.from) };
  const again = (limit: string): string => repeated(header, typed, limit);
  const back = rollBack(header, end, typed);
  switch (end.exitCode) {
    case EXIT.ok:
      return header.kind === 'deploy' ? back : [];
    case EXIT.partial:
      return [
        {
          why: 'When the skipped hosts can be reached',
          command: again(limitTo(skipped(end.hosts)) || typed.limit),
        },
        show,
      ];
    case EXIT.mixed:
      return [...back, { why: 'To continue', command: again(typed.limit) }, status];
    case EXIT.incomplete:
      return [{ ...status, why: 'First look at the broken hosts' }, show];
    case EXIT.locked:
      return [status, show];
    case EXIT.paused:
      return [resume, status];
    case EXIT.interrupted:
      return isResumable(end.state) ? [...back, resume, status] : [...back, status, show];
    case EXIT.internal:
    case EXIT.refused:
    case EXIT.failed:
    case EXIT.preflight:
    case EXIT.awaiting:
      return [show];
  }
}

/** A rollback to where one without --to goes, by the plan. Empty if it would be refused. */
function rollBack(
  header: RunHeader,
  end: RunEnd,
  { config, inventory, limit }: TypedFlags,
): readonly NextCommand[] {
  const isMoved = end.hosts.some((host) => host.state === 'done');
  const { plan } = header;
  if (!isMoved || plan.backTo === null) return [];
  const what = `--to ${plan.backTo}`;
  const command = line('fleet rollback', whereOf(header), what, limit, config, inventory);
  return [{ why: 'To roll back', command }];
}

/** The command of the same run again. */
function repeated(
  header: RunHeader,
  { config, inventory, from }: TypedFlags,
  limit: string,
): string {
  const { kind, release } = header;
  const what =
    kind === 'deploy' ? [`--release ${release}`, limit, from] : [`--to ${release}`, limit];
  return line(`fleet ${kind}`, whereOf(header), ...what, config, inventory);
}

const whereOf = ({ app, group, plan }: RunHeader): string =>
  whereFlags({ name: app, several: plan.several }, group);

const limitTo = (hosts: readonly HostName[]): string =>
  hosts.length > 0 && hosts.length <= 5 ? `-l ${hosts.join(',')}` : '';

const line = (...words: readonly string[]): string => words.filter((word) => word !== '').join(' ');

const skipped = (results: readonly HostResult[]): readonly HostName[] =>
  results.filter((result) => result.state === 'skipped').map((result) => result.host);

import { EXIT } from '../errors/codes.js';
import type { HostName } from '../model/names.js';
import { type HostResult, isResumable } from '../model/run.js';
import type { RunEnd, RunHeader } from './view.js';

/** A command to type next, and what for. */
export interface NextCommand {
  readonly why: string;
  readonly command: string;
}

/** What a person does next, by how the run ended. */
export function nextCommands(header: RunHeader, end: RunEnd): readonly NextCommand[] {
  const show = { why: 'Details', command: `fleet show ${header.run}` };
  const status = { why: 'What is where', command: `fleet status -g ${header.group}` };
  const goOn = { why: 'To go on', command: `fleet resume ${header.run}` };
  switch (end.exitCode) {
    case EXIT.ok:
      return header.kind === 'deploy' ? takeBack(header, end) : [];
    case EXIT.partial:
      return [
        { why: 'Once they can be reached', command: again(header, skipped(end.hosts)) },
        show,
      ];
    case EXIT.mixed:
      return [...takeBack(header, end), { why: 'To go on', command: again(header) }, status];
    case EXIT.incomplete:
      return [{ ...status, why: 'Look at the broken hosts first' }, show];
    case EXIT.locked:
      return [status, show];
    case EXIT.paused:
      return [goOn, status];
    case EXIT.interrupted:
      return isResumable(end.state)
        ? [...takeBack(header, end), goOn, status]
        : [...takeBack(header, end), status, show];
    case EXIT.internal:
    case EXIT.refused:
    case EXIT.failed:
    case EXIT.preflight:
      return [show];
  }
}

/** Where a rollback without --to goes, as the plan has found it; nothing where it would refuse. */
function takeBack({ group, plan }: RunHeader, end: RunEnd): readonly NextCommand[] {
  const isMoved = end.hosts.some((host) => host.state === 'done');
  if (!isMoved || plan.backTo === null) return [];
  return [{ why: 'To take it back', command: `fleet rollback -g ${group} --to ${plan.backTo}` }];
}

function again(header: RunHeader, hosts: readonly HostName[] = []): string {
  const target = header.kind === 'deploy' ? '--release' : '--to';
  const limit = hosts.length > 0 && hosts.length <= 5 ? ` -l ${hosts.join(',')}` : '';
  return `fleet ${header.kind} -g ${header.group} ${target} ${header.release}${limit}`;
}

const skipped = (results: readonly HostResult[]): readonly HostName[] =>
  results.filter((result) => result.state === 'skipped').map((result) => result.host);

import {
  breakBastionLock,
  type FoundLock,
  listBastionLocks,
} from '../../../engine/lock/bastion-lock.js';
import {
  type LocksReleased,
  releasable,
  releaseLocks,
  type StillHeld,
} from '../../../engine/lock/lock-release.js';
import type { ReadHost } from '../../../engine/reading/host-reading.js';
import { EXIT, type ExitCode, exitCodeOf } from '../../../errors/codes.js';
import { FleetError } from '../../../errors/fleet-error.js';
import { asRunId, isRunId, type RunId } from '../../../model/names.js';
import { whereFlags } from '../../../model/releases/where.js';
import { causesOf } from '../../../model/runs/alike.js';
import { countText } from '../../../model/text/count-text.js';
import { countedNames } from '../../../model/text/name-ranges.js';
import { failureJson } from '../../../ui/json/parts.js';
import { tableLines } from '../../../ui/text/table.js';
import {
  exitForSurveys,
  readTarget,
  readTargets,
  type TargetReading,
  withLink,
} from '../../connect/reading.js';
import type { Action } from '../../context/command.js';
import type { Context } from '../../context/context.js';
import { claimsText, hostFields, noted } from '../../context/noted.js';
import type { CommonOptions } from '../../context/options.js';
import { printJson, printLines, tableLook } from '../../context/output.js';
import { newRunId } from '../../context/run-id.js';
import type { Target } from '../../context/workspace.js';
import { holderLines, holdersOf } from '../../records/holders.js';
import { type AppReport, showApps } from '../../reports/app-reports.js';
import type { LockReleaseOptions } from '../../session/flags.js';

/** A claim, on a host or on the bastion, as it is shown. */
interface Held {
  readonly where: string;
  readonly run: string;
  readonly owner: string;
  /** `stale`: its run sent nothing for as long as its lease lasts. */
  readonly state: 'held' | 'stale';
  /** Seconds until it is stale; 0 if it is, null if that is not counted. */
  readonly lease: number | null;
  readonly phase: string | null;
}

/** `fleet lock status -g G`: who holds the locks of the hosts and of this bastion. */
export const lockStatus: Action<CommonOptions> = async (context, options) => {
  const [first, ...others] = await readTargets(context, options);
  const reportOf = async ({ target, surveys }: TargetReading): Promise<AppReport> => {
    const { app, group } = target;
    const read = surveys.filter((each) => each.kind === 'read');
    const held = [...locksOf(context, target).map(fromLock), ...read.flatMap(fromHost)];
    const runs = await holdersOf(context, target, runsOf(held));
    const lines = [...heldLines(context, options, held), ...holderLines(context, target, runs)];
    return {
      app: app.name,
      json: { schemaVersion: 1, app: app.name, group, held, runs },
      lines: held.length > 0 ? lines : ['Nothing is locked.'],
      exitCode: exitForSurveys(surveys),
    };
  };
  const reports: AppReport[] = [];
  for (const reading of others) reports.push(await reportOf(reading));
  return showApps(context, options, [await reportOf(first), ...reports]);
};

/**
 * `fleet lock release -g G --force`: unlocks, whoever holds the locks, and shows what is free now. A
 * host in the middle of an activation keeps its lock: `fleet recover` is for that.
 */
export const lockRelease: Action<LockReleaseOptions> = async (context, options) => {
  const { target, surveys } = await readTarget(context, options);
  const locks = locksOf(context, target);
  const read = surveys.filter((each) => each.kind === 'read');
  if (options.force !== true) throw notForced([...locks.map(fromLock), ...read.flatMap(fromHost)]);
  const { reason } = options;
  const deed = { ...deedOf(target, releasable(surveys), locks), reason };
  const ended = await noted(context, deed, async () => {
    const released = await withLink(context, options, (link, signal) => {
      const { clients } = link.to(target);
      const { limit } = link;
      const by = { run: newRunId(context), owner: context.operator };
      return releaseLocks({ app: target.app, ...by, surveys, clients, limit, signal });
    });
    for (const lock of locks) breakBastionLock(lock);
    return released;
  });
  const released = [...locks.map(fromLock), ...ended.free.flatMap(fromHost)];
  const stillHeld = [...ended.failed, ...ended.unfinished.map(unfinishedHost)];
  if (options.json === true) {
    const { app, group } = target;
    const failed = stillHeld.map(({ host, failure }) => ({ host, error: failureJson(failure) }));
    printJson(context, { schemaVersion: 1, app: app.name, group, released, failed });
    return exitForHeld(stillHeld);
  }
  if (released.length > 0) printLines(context.stdout, heldLines(context, options, released));
  else context.stdout.write('Nothing was unlocked.\n');
  if (stillHeld.length === 0) return EXIT.ok;
  throw notReleased(stillHeld, target);
};

function deedOf(target: Target, claimed: readonly ReadHost[], locks: readonly FoundLock[]) {
  const names = claimed.map(({ host }) => host.name);
  const fields = {
    app: target.app.name,
    group: target.group,
    force: '1',
    from: claimsText([...claimed.map(({ facts }) => facts), ...locks.map(({ holder }) => holder)]),
    ...hostFields(names),
  };
  const outcome = ({ free }: LocksReleased) => ({
    ok: `${free.length}`,
    failed: `${names.length - free.length}`,
  });
  return { kind: 'lock-release', fields, outcome } as const;
}

/** A host may name anything. */
const runsOf = (held: readonly Held[]): readonly RunId[] =>
  [...new Set(held.map(({ run }) => run))].filter(isRunId).map(asRunId);

const unfinishedHost = ({ host, facts }: ReadHost): StillHeld => ({
  host: host.name,
  failure: {
    code: 'undecided',
    message: `it is in the middle of an activation (phase ${facts.phase}) and keeps its lock`,
  },
});

/** 9 if hosts could not be reached, 4 if one failed, 2 if everything that is left needs `recover`. */
function exitForHeld(held: readonly StillHeld[]): ExitCode {
  const codes = held.map(({ failure }) => failure.code).filter((code) => code !== 'undecided');
  if (held.length === 0) return EXIT.ok;
  if (codes.length === 0) return EXIT.refused;
  return codes.every((code) => exitCodeOf(code) === EXIT.preflight) ? EXIT.preflight : EXIT.failed;
}

function notReleased(held: readonly StillHeld[], { app, group, hosts }: Target): FleetError {
  const [first = 'step_failed', ...others] = new Set(held.map(({ failure }) => failure.code));
  const exitCode = exitForHeld(held);
  const mixed = exitCode === EXIT.preflight ? 'unreachable' : 'step_failed';
  const unfinished = held.some(({ failure }) => failure.code === 'undecided');
  const problems = causesOf(held).map(({ hosts: names, message, hint }) => ({
    message: `${countedNames(names)}: ${message}`,
    hint,
  }));
  const count = `${held.length} of ${countText(hosts.length, 'host')}`;
  return new FleetError(others.length === 0 ? first : mixed, `${count} were not unlocked`, {
    exitCode,
    problems,
    hint: unfinished
      ? `settle them first: fleet recover ${whereFlags(app, group)} --force`
      : 'fix what these hosts report, then run the command again',
  });
}

const locksOf = ({ stateDir }: Context, { app, group }: Target): readonly FoundLock[] =>
  listBastionLocks(stateDir).filter(
    ({ holder }) => holder.app === app.name && holder.group === group,
  );

function fromLock({ holder, alive }: FoundLock): Held {
  const { run, owner } = holder;
  return {
    where: 'this bastion',
    run,
    owner,
    state: alive ? 'held' : 'stale',
    lease: null,
    phase: null,
  };
}

function fromHost({ host, facts }: ReadHost): readonly Held[] {
  const { run, owner, lease, phase } = facts;
  if (run === null) return [];
  const state = lease === 0 ? 'stale' : 'held';
  return [{ where: host.name, run, owner: owner ?? 'unknown', state, lease, phase }];
}

function heldLines(
  context: Context,
  options: CommonOptions,
  held: readonly Held[],
): readonly string[] {
  const columns = [
    { title: 'WHERE', cell: ({ where }: Held) => where },
    { title: 'RUN', cell: ({ run }: Held) => run },
    { title: 'OF', cell: ({ owner }: Held) => owner },
    { title: 'STATE', cell: ({ state }: Held) => state },
    { title: 'LEASE', cell: ({ lease }: Held) => (lease === null ? '' : `${lease} s`) },
    { title: 'PHASE', cell: ({ phase }: Held) => phase ?? '' },
  ];
  return tableLines(columns, held, tableLook(context, options));
}

function notForced(held: readonly Held[]): FleetError {
  return new FleetError(
    'confirmation_required',
    'nothing was unlocked: the run that holds a lock would lose it',
    {
      hint: 'prefer fleet recover; use --force to unlock anyway',
      problems: held.map(({ where, run, owner, state }) => ({
        message: `${where}: run ${run} of ${owner}, ${state}`,
      })),
    },
  );
}

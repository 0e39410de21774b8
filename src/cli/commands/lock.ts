import type { ReadHost } from '../../engine/admit.js';
import { breakBastionLock, type FoundLock, listBastionLocks } from '../../engine/bastion-lock.js';
import { remedyFor } from '../../engine/remedy.js';
import { FleetError } from '../../errors/fleet-error.js';
import { adoptStep, type Ownership, releaseStep } from '../../host/steps.js';
import { txnOf } from '../../model/plan.js';
import { tableLines } from '../../ui/table.js';
import type { Action } from '../command.js';
import type { Context } from '../context.js';
import { claimsText, hostFields, noted } from '../noted.js';
import type { CommonOptions } from '../options.js';
import { printJson, printLines, printWarning, tableLook } from '../output.js';
import { exitForSurveys, readTarget, withLink } from '../reading.js';
import { newRunId } from '../run-id.js';
import type { Target } from '../workspace.js';

export interface LockReleaseOptions extends CommonOptions {
  readonly force?: true;
}

/** A claim, on a host or on the bastion, as it is shown. */
interface Held {
  readonly where: string;
  readonly run: string;
  readonly owner: string;
  /** `held`, `stale`: its run has not been heard of for its lease. */
  readonly state: 'held' | 'stale';
  /** Seconds until it is stale; 0 where it is, null where that is not counted. */
  readonly lease: number | null;
  readonly phase: string | null;
}

/** `fleet lock status -g G`: who holds what, on the hosts and on this bastion. */
export const lockStatus: Action<CommonOptions> = async (context, options) => {
  const { target, surveys } = await readTarget(context, options);
  const read = surveys.filter((each) => each.kind === 'read');
  const held = [...locksOf(context, target).map(fromLock), ...read.flatMap(fromHost)];
  show(context, options, { target, held });
  return exitForSurveys(surveys);
};

/**
 * `fleet lock release -g G --force`: takes claims away, whoever has them. A host in the middle of a
 * switch keeps its claim: that is decided by `fleet recover`.
 */
export const lockRelease: Action<LockReleaseOptions> = async (context, options) => {
  const { target, surveys } = await readTarget(context, options);
  const read = surveys.filter((each) => each.kind === 'read');
  const locks = locksOf(context, target);
  const held = [...locks.map(fromLock), ...read.flatMap(fromHost)];
  if (options.force !== true) throw notForced(held);
  const claimed = read.filter(({ facts }) => remedyFor(facts) === 'release');
  const names = claimed.map(({ host }) => host.name);
  const fields = {
    app: target.app.name,
    group: target.group,
    force: '1',
    from: claimsText([...claimed.map(({ facts }) => facts), ...locks.map(({ holder }) => holder)]),
    ...hostFields(names),
  };
  const outcome = (free: readonly string[]) => ({
    ok: `${free.length}`,
    failed: `${names.length - free.length}`,
  });
  await noted(context, { kind: 'lock-release', fields, outcome }, async () => {
    const free = await releaseClaims(context, options, { target, claimed });
    for (const lock of locks) breakBastionLock(lock);
    return free;
  });
  show(context, options, { target, held });
  const open = read.filter(({ facts }) => remedyFor(facts) === 'revert');
  if (open.length === 0) return exitForSurveys(surveys);
  throw new FleetError('undecided', 'hosts in the middle of a switch keep their claims', {
    hint: `decide them: fleet recover -g ${target.group} --force`,
    problems: open.map(({ host, facts }) => ({ message: `${host.name}: phase ${facts.phase}` })),
  });
};

/** The hosts that are free now. */
async function releaseClaims(
  context: Context,
  options: CommonOptions,
  { target, claimed }: { readonly target: Target; readonly claimed: readonly ReadHost[] },
): Promise<readonly string[]> {
  const run = newRunId(context);
  const free: string[] = [];
  await withLink(context, options, async (link, signal) => {
    const clients = link.clients(target.app, target.hosts);
    const release = async ({ host, facts }: ReadHost, index: number): Promise<void> => {
      const epoch = facts.epoch + 1;
      const by: Ownership = { epoch, run, txn: facts.txn ?? txnOf(run, epoch, index) };
      const { leaseMs } = target.app.policy;
      const tenure = { owner: context.operator, leaseMs, over: facts.run, force: true };
      const steps = [adoptStep(by, tenure), releaseStep(by)];
      const outcome = await clients.of(host.name).run(steps, { timeoutMs: 30_000, signal });
      if (outcome.kind === 'ok') {
        free.push(host.name);
        return;
      }
      printWarning(context, `${host.name}: ${outcome.failure.message}`);
    };
    await Promise.all(claimed.map((host, index) => link.limit(() => release(host, index))));
  });
  return free;
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
  return [{ where: host.name, run, owner: owner ?? 'somebody', state, lease, phase }];
}

function show(
  context: Context,
  options: CommonOptions,
  { target, held }: { readonly target: Target; readonly held: readonly Held[] },
): void {
  if (options.json === true) {
    const { app, group } = target;
    return printJson(context, { schemaVersion: 1, app: app.name, group, held });
  }
  if (held.length === 0) {
    context.stdout.write('Nothing is held.\n');
    return;
  }
  const columns = [
    { title: 'WHERE', cell: ({ where }: Held) => where },
    { title: 'RUN', cell: ({ run }: Held) => run },
    { title: 'OF', cell: ({ owner }: Held) => owner },
    { title: 'STATE', cell: ({ state }: Held) => state },
    { title: 'LEASE', cell: ({ lease }: Held) => (lease === null ? '' : `${lease} s`) },
    { title: 'PHASE', cell: ({ phase }: Held) => phase ?? '' },
  ];
  printLines(context.stdout, tableLines(columns, held, tableLook(context, options)));
}

function notForced(held: readonly Held[]): FleetError {
  return new FleetError('confirmation_required', 'releasing a lock takes it from whoever has it', {
    hint: 'fleet recover is the usual way; --force does it all the same',
    problems: held.map(({ where, run, owner, state }) => ({
      message: `${where}: run ${run} of ${owner}, ${state}`,
    })),
  });
}

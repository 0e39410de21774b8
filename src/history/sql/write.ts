import type { Transaction } from 'kysely';
import type { HostName, RunId } from '../../model/names.js';
import {
  endedHost,
  isItsEnd,
  type KeptHosts,
  type KeptRun,
  NO_STAMP,
  plannedHost,
  progressedHost,
  startOutcome,
} from '../merge.js';
import type { RunEnd, RunProgress, RunStart } from '../store.js';
import { storableName, storableText, storableTime } from '../texts.js';
import type { SqlFlavour } from './flavour.js';
import { noteRelease, noteSuccess } from './releases.js';
import { keptRunOf } from './rows.js';
import { inParts, selectHosts, writeHosts } from './run-hosts.js';
import type { HistoryTables, RunRow } from './tables.js';

type Trx = Transaction<HistoryTables>;

/** A transaction, and which database it is in. */
export interface Writing {
  readonly trx: Trx;
  readonly flavour: SqlFlavour;
}

/** The run's row is locked first, so that no other process writes any row of that run meanwhile. */
export async function writeStart(writing: Writing, start: RunStart): Promise<void> {
  const { trx, flavour } = writing;
  const { run, kind } = start;
  const startedAt = storableTime(start.startedAt);
  const known = (await lockRun(writing, run)) ?? (await insertRun(writing, start));
  const outcome = startOutcome(known, { ...start, startedAt });
  const plan = { ...planColumns(start), start_stamp: start.stamp };
  await trx
    .updateTable('runs')
    .set({
      started_at: outcome.startedAt,
      ...(outcome.hasPlan ? plan : {}),
      ...(outcome.opens ? { ended_at: null, state: null, exit_code: null } : {}),
    })
    .where('run', '=', run)
    .execute();
  if (outcome.hasPlan) {
    const before = await selectHosts(trx, run);
    const after = new Map(before);
    for (const [position, planned] of start.hosts.entries()) {
      const { host } = planned;
      after.set(host, plannedHost(before.get(host), planned, { position, at: startedAt }));
    }
    await replaceHosts(trx, run, { before, after });
  }
  if (kind === 'deploy') await noteRelease({ trx, flavour }, { ...start, startedAt });
}

export async function writeProgress(
  writing: Writing,
  run: RunId,
  progress: RunProgress,
): Promise<void> {
  const { trx, flavour } = writing;
  if ((await lockRun(writing, run)) === undefined) return;
  const names = [...new Set(progress.hosts.map(({ host }) => host))];
  const before = await selectHosts(trx, run, names);
  const after = new Map(before);
  for (const change of progress.hosts) {
    const host = after.get(change.host);
    if (host !== undefined) after.set(change.host, progressedHost(host, change));
  }
  await writeHosts(trx, run, { before, after });
  const events = progress.events.map(({ at, type, detail, stamp }) => {
    return { run, at: storableTime(at), type, detail: storableText(detail), stamp };
  });
  for (const some of inParts(events)) {
    await flavour.onlyNew(trx.insertInto('run_events').values(some), 'run').execute();
  }
}

export async function writeEnd(writing: Writing, run: RunId, given: RunEnd): Promise<void> {
  const { trx } = writing;
  const end = { ...given, endedAt: storableTime(given.endedAt) };
  const known = await lockRun(writing, run);
  if (known === undefined || !isItsEnd(known, end)) return;
  const { endedAt, state, exitCode, stamp } = end;
  await trx
    .updateTable('runs')
    .set({ ended_at: endedAt, state, exit_code: exitCode, end_stamp: stamp })
    .where('run', '=', run)
    .execute();
  const before = await selectHosts(trx, run);
  const named = new Set<HostName>(end.hosts.map(({ host }) => host));
  const later = [...before.values()].filter(
    ({ host, stamp: at }) => at > stamp && !named.has(host),
  );
  const after = new Map(later.map((host) => [host.host, host]));
  for (const [position, result] of end.hosts.entries()) {
    const { host } = result;
    after.set(host, endedHost(before.get(host), result, { position, end }));
  }
  await replaceHosts(trx, run, { before, after });
  if (state === 'succeeded' || state === 'succeeded_partial') await noteSuccess(trx, run, endedAt);
}

async function replaceHosts(
  trx: Trx,
  run: RunId,
  hosts: { readonly before: KeptHosts; readonly after: KeptHosts },
): Promise<void> {
  await writeHosts(trx, run, hosts);
  const count = { host_count: hosts.after.size };
  await trx.updateTable('runs').set(count).where('run', '=', run).execute();
}

async function lockRun({ trx, flavour }: Writing, run: RunId): Promise<KeptRun | undefined> {
  const query = trx.selectFrom('runs').where('run', '=', run);
  const row = await flavour
    .locked(query.select(['started_at', 'start_stamp', 'end_stamp']))
    .executeTakeFirst();
  return row === undefined ? undefined : keptRunOf(row);
}

/** Another process may insert it at the same moment: then this one goes on with the row of that one. */
async function insertRun(writing: Writing, start: RunStart): Promise<KeptRun> {
  const { trx, flavour } = writing;
  const startedAt = storableTime(start.startedAt);
  const row = { run: start.run, ...planColumns(start), started_at: startedAt, host_count: 0 };
  await flavour.onlyNew(trx.insertInto('runs').values(row), 'run').execute();
  return (
    (await lockRun(writing, start.run)) ?? { startStamp: NO_STAMP, endStamp: NO_STAMP, startedAt }
  );
}

function planColumns(start: RunStart): Omit<RunRow, NotOfPlan> {
  const { release, person, reason, identity } = start;
  return {
    kind: start.kind,
    app: start.app,
    group_name: storableText(start.group),
    operator: storableName(start.operator),
    bastion: storableText(start.bastion),
    person: person === null ? null : storableText(person),
    identity: identity === null ? null : JSON.stringify(identity),
    release_id: release.id,
    version: storableName(release.version),
    commit_id: release.commit,
    digest: release.digest,
    committed_at: release.committedAt === null ? null : storableTime(release.committedAt),
    reason: reason === null ? null : storableText(reason),
  };
}

type NotOfPlan =
  | 'run'
  | 'started_at'
  | 'ended_at'
  | 'state'
  | 'exit_code'
  | 'host_count'
  | 'start_stamp'
  | 'end_stamp';

import type { Transaction } from 'kysely';
import type { RunId } from '../../model/names.js';
import type { RunStart } from '../store.js';
import { storableName, storableTime } from '../texts.js';
import type { SqlFlavour } from './flavour.js';
import type { HistoryTables } from './tables.js';

type Trx = Transaction<HistoryTables>;

/** A release keeps the run that brought it first. */
export async function noteRelease(
  { trx, flavour }: { readonly trx: Trx; readonly flavour: SqlFlavour },
  start: RunStart,
): Promise<void> {
  const { app, release } = start;
  const brought = {
    run: start.run,
    operator: storableName(start.operator),
    deployed_at: start.startedAt,
  };
  const { commit, committedAt } = release;
  const row = {
    app,
    id: release.id,
    version: storableName(release.version),
    commit_id: commit,
    digest: release.digest,
    committed_at: committedAt === null ? null : storableTime(committedAt),
    ...brought,
  };
  await flavour.onlyNew(trx.insertInto('releases').values(row), 'id').execute();
  await trx
    .updateTable('releases')
    .set(brought)
    .where('app', '=', app)
    .where('id', '=', release.id)
    .where('deployed_at', '>', start.startedAt)
    .execute();
}

/** A run has succeeded: so has a run to its release. */
export async function noteSuccess(trx: Trx, run: RunId, endedAt: string): Promise<void> {
  const ended = await trx
    .selectFrom('runs')
    .select(['app', 'release_id'])
    .where('run', '=', run)
    .executeTakeFirstOrThrow();
  await trx
    .updateTable('releases')
    .set({ succeeded_at: endedAt })
    .where('app', '=', ended.app)
    .where('id', '=', ended.release_id)
    .where((where) =>
      where.or([where('succeeded_at', 'is', null), where('succeeded_at', '<', endedAt)]),
    )
    .execute();
}

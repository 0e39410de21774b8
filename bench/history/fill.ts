import type { Kysely } from 'kysely';
import type { HistoryTables, RunHostRow, RunRow } from '../../src/history/sql/tables.js';
import { compactTime } from '../../src/model/text/compact-time.js';

const APPS = 20;
const HOSTS_OF_APP = 100;
const HOSTS_OF_RUN = 10;
const PEOPLE = 40;
const GROUPS = ['prod', 'stage', 'test', 'eu', 'us', 'canary'];
const AT_ONCE = 250;
const FIRST = Date.UTC(2023, 0, 1);
const MINUTES = 15;

/** The time at which run number `n` started: one each quarter of an hour. */
export const timeOf = (n: number): Date => new Date(FIRST + n * MINUTES * 60_000);

/** A host that one run of long ago had, and no other. */
export const RARE_HOST = 'retired';
const RARE_RUN = 500;

/** Runs of many apps, groups and people over some years, ten hosts each. */
export async function fill(
  db: Kysely<HistoryTables>,
  runs: number,
  tell: (done: number) => void,
): Promise<void> {
  for (let first = 0; first < runs; first += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, runs - first) }, (_, n) => first + n);
    await db.transaction().execute(async (trx) => {
      await trx.insertInto('runs').values(numbers.map(runRow)).execute();
      const hosts = numbers.flatMap(hostRows);
      for (let at = 0; at < hosts.length; at += 1000) {
        await trx
          .insertInto('run_hosts')
          .values(hosts.slice(at, at + 1000))
          .execute();
      }
    });
    if (first % 10_000 === 0) tell(first);
  }
}

function runRow(n: number): RunRow {
  const at = timeOf(n);
  const startedAt = at.toISOString();
  const bad = n % 37 === 0;
  const state = n % 10_000 === 7 ? 'fenced' : bad ? 'rolled_back' : 'succeeded';
  const isOpen = n % 20_000 === 11;
  const person = `person${n % PEOPLE}`;
  return {
    ...{ run: runId(n), kind: n % 9 === 0 ? 'rollback' : 'deploy', app: `app${n % APPS}` },
    ...{ group_name: GROUPS[n % GROUPS.length] ?? '', operator: `${person}@bastion${n % 3}` },
    ...{ bastion: `bastion${n % 3}`, person, identity: null, reason: `ticket ${n}` },
    ...{ release_id: releaseId(n), version: `v${n}`, digest: `sha256:${'0'.repeat(64)}` },
    ...{ commit_id: `${n.toString(16).padStart(8, '0')}`.repeat(5), committed_at: startedAt },
    ...{ started_at: startedAt, start_stamp: `${startedAt}/0000000001` },
    ...{ ended_at: isOpen ? null : startedAt, end_stamp: `${startedAt}/0000000900` },
    ...{ state: isOpen ? null : state, exit_code: isOpen ? null : bad ? 4 : 0 },
    host_count: HOSTS_OF_RUN,
  };
}

const runId = (n: number): string =>
  `${compactTime(timeOf(n))}-${(n * 7919).toString(16).slice(-4)}`;
const releaseId = (n: number): string =>
  `${compactTime(timeOf(n))}-${n.toString(16).padStart(7, '0')}`;

function hostRows(n: number): readonly RunHostRow[] {
  return Array.from({ length: HOSTS_OF_RUN }, (_, position): RunHostRow => {
    const host = `host${n % APPS}-${(n + position * 7) % HOSTS_OF_APP}`;
    const at = timeOf(n).toISOString();
    return {
      ...{ run: runId(n), position, wave: position === 0 ? 0 : 1, error: null },
      host: n === RARE_RUN && position === 0 ? RARE_HOST : host,
      ...{ from_release: releaseId(n - APPS), to_release: releaseId(n) },
      ...{ state: n % 37 === 0 ? 'reverted' : 'done', updated_at: at, stamp: `${at}/0000000800` },
    };
  });
}

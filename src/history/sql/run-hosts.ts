import type { Transaction } from 'kysely';
import type { RunId } from '../../model/names.js';
import type { KeptHost, KeptHosts } from '../merge.js';
import { storableText } from '../texts.js';
import { keptHostOf } from './rows.js';
import type { HistoryTables, RunHostRow } from './tables.js';

type Trx = Transaction<HistoryTables>;

/** Rows of one statement; databases limit its values. */
const ROWS_AT_ONCE = 500;

/** In the order of the plan. */
export async function selectHosts(
  trx: Trx,
  run: RunId,
  names?: readonly string[],
): Promise<KeptHosts> {
  const hosts: KeptHost[] = [];
  const query = trx.selectFrom('run_hosts').selectAll().where('run', '=', run).orderBy('position');
  if (names === undefined) hosts.push(...(await query.execute()).map(keptHostOf));
  else {
    for (const some of inParts(names)) {
      hosts.push(...(await query.where('host', 'in', some).execute()).map(keptHostOf));
    }
  }
  return new Map(hosts.map((each) => [each.host, each]));
}

/** Writes the hosts that differ from those that were read. */
export async function writeHosts(
  trx: Trx,
  run: RunId,
  { before, after }: { readonly before: KeptHosts; readonly after: KeptHosts },
): Promise<void> {
  const gone = [...before.keys()].filter((host) => !after.has(host));
  const rows = new Map([...before.values()].map((host) => [host.host, textOf(run, host)]));
  const changed = [...after.values()].filter((host) => rows.get(host.host) !== textOf(run, host));
  const replaced = changed.flatMap(({ host }) => (rows.has(host) ? host : []));
  for (const some of inParts([...gone, ...replaced])) {
    await trx.deleteFrom('run_hosts').where('run', '=', run).where('host', 'in', some).execute();
  }
  for (const some of inParts(changed.map((host) => rowOf(run, host)))) {
    await trx.insertInto('run_hosts').values(some).execute();
  }
}

export function* inParts<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += ROWS_AT_ONCE) yield all.slice(at, at + ROWS_AT_ONCE);
}

const textOf = (run: RunId, host: KeptHost): string => JSON.stringify(rowOf(run, host));

function rowOf(run: RunId, kept: KeptHost): RunHostRow {
  const { host, position, wave, from, to, state, at, error, stamp } = kept;
  return {
    run,
    host,
    position,
    wave,
    from_release: from,
    to_release: to,
    state,
    updated_at: at,
    error: error === null ? null : failureText(error),
    stamp,
  };
}

/** A failure as JSON. One that is too long loses what it has of stderr and the journal. */
function failureText(error: NonNullable<KeptHost['error']>): string {
  const whole = JSON.stringify(error);
  if (storableText(whole) === whole) return whole;
  const { code, message } = error;
  return JSON.stringify({ code, message: storableText(message.slice(0, 8192)) });
}

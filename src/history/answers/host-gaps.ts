import type { HostName, ReleaseId } from '../../model/names.js';
import type { HostResult } from '../../model/runs/run.js';
import type { HistoryQuestions, HostAt, HostRelease, RunDetails, RunSummary } from '../store.js';

/**
 * Where the record of a host has a hole. `unsure`: a run could not tell where it left it. `unfinished`: a run has no end
 * in the history. `under-way`: a run had not ended then. `contradicted`: the next run found it on another release.
 * `adopted`: another tool brought the release, and the record is by its files. `not-brought`: no run of the history
 * has brought the release.
 */
export type HostGap =
  | { readonly kind: 'unsure'; readonly run: HostRelease['seen'] }
  | { readonly kind: 'unfinished' | 'under-way'; readonly run: RunSummary }
  | { readonly kind: 'contradicted'; readonly run: RunSummary; readonly found: ReleaseId | null }
  | { readonly kind: 'adopted'; readonly run: RunSummary }
  | { readonly kind: 'not-brought' };

/** Gaps because of which a host may have been on another release. */
export const isDoubt = ({ kind }: HostGap): boolean => kind !== 'adopted' && kind !== 'not-brought';

export interface HostThen extends HostRelease {
  readonly gaps: readonly HostGap[];
}

/** Which release a host was on, for each app, with the gaps of the record. */
export async function hostThen(
  store: Pick<HistoryQuestions, 'releaseAt' | 'listRuns' | 'getRun'>,
  question: HostAt,
): Promise<readonly HostThen[]> {
  const found = await store.releaseAt(question);
  return Promise.all(
    found.map(async (release): Promise<HostThen> => {
      const about = { ...question, app: release.app };
      return { ...release, gaps: await gapsOf(store, about, release) };
    }),
  );
}

type Asked = HostAt & { readonly app: string };

async function gapsOf(
  store: Pick<HistoryQuestions, 'listRuns' | 'getRun'>,
  asked: Asked,
  found: HostRelease,
): Promise<readonly HostGap[]> {
  const open = await runsThen(store, asked, found);
  const unsure: readonly HostGap[] = found.sure ? [] : [{ kind: 'unsure', run: found.seen }];
  const doubts = [...unsure, ...open];
  const later = doubts.length === 0 ? await contradiction(store, asked, found) : [];
  return [...doubts, ...later, ...(await originOf(store, asked, found))];
}

/** Runs looked at of each side of a moment. */
const MOST = 200;

/** Runs of that host that had not ended then, or never. Earlier ones without an end are settled by what came later. */
async function runsThen(
  store: Pick<HistoryQuestions, 'listRuns'>,
  { host, app, at }: Asked,
  { seen }: HostRelease,
): Promise<readonly HostGap[]> {
  const until = new Date(at.getTime() + 1);
  const runs = await store.listRuns({ apps: [app], host, until, limit: MOST });
  return runs.flatMap((run): readonly HostGap[] => {
    if (run.endedAt === null) return run.run >= seen.run ? [{ kind: 'unfinished', run }] : [];
    return run.endedAt > at.toISOString() ? [{ kind: 'under-way', run }] : [];
  });
}

/** What the next run found there, if that is another release. */
async function contradiction(
  store: Pick<HistoryQuestions, 'listRuns' | 'getRun'>,
  { host, app, at }: Asked,
  { release }: HostRelease,
): Promise<readonly HostGap[]> {
  const runs = await store.listRuns({ apps: [app], host, since: at, limit: MOST });
  const next = runs.length < MOST ? runs.at(-1) : undefined;
  if (next === undefined) return [];
  const result = hostIn(await store.getRun(next.run), host);
  if (result === undefined || result.state === 'skipped') return [];
  const { from } = result;
  // A host that was up to date already came from where it is.
  if (from === release || (result.state === 'unchanged' && result.to === release)) return [];
  return [{ kind: 'contradicted', run: next, found: from }];
}

async function originOf(
  store: Pick<HistoryQuestions, 'getRun'>,
  { host }: Asked,
  { release, brought }: HostRelease,
): Promise<readonly HostGap[]> {
  if (release === null) return [];
  if (brought === null) return [{ kind: 'not-brought' }];
  // Only what was adopted came to a host in no wave.
  const result = hostIn(await store.getRun(brought.run.run), host);
  return result?.wave === null ? [{ kind: 'adopted', run: brought.run }] : [];
}

const hostIn = ({ hosts }: RunDetails, name: HostName | string): HostResult | undefined =>
  hosts.find(({ host }) => host === name);

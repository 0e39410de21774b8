// Fills histories with 100,000 runs and measures how long questions take:
//   npx tsx bench/history/main.ts [--runs N] PLACE…
// A PLACE is sqlite:PATH or the URL of a server with an empty database. One that is filled already is only asked.
import { parseArgs } from 'node:util';
import { openHistory } from '../../src/history/open.js';
import type { HistoryStore, RunFilter } from '../../src/history/store.js';
import type { HistoryLocation } from '../../src/model/runs/app.js';
import { analyze, databaseAt } from './databases.js';
import { fill, RARE_HOST, timeOf } from './fill.js';

const TIMES = 5;

const { values, positionals } = parseArgs({
  options: { runs: { type: 'string', default: '100000' } },
  allowPositionals: true,
});
const runs = Number(values.runs);
for (const place of positionals) await measure(locationOf(place));

function locationOf(place: string): HistoryLocation {
  const sqlite = 'sqlite:';
  return place.startsWith(sqlite)
    ? { kind: 'sqlite', path: place.slice(sqlite.length) }
    : { kind: 'url', url: place };
}

async function measure(location: HistoryLocation): Promise<void> {
  const open = () => openHistory(location, { now: () => new Date(), random: Math.random });
  const store = await open();
  if ((await store.listRuns({ limit: 1 })).length === 0) {
    const db = databaseAt(location);
    await fill(db, runs, (done) => process.stderr.write(`${done} runs\n`));
    await analyze(db, location);
    await db.destroy();
  }
  console.log(location.kind === 'sqlite' ? 'sqlite' : location.url.split(':')[0]);
  for (const [name, ask] of questions(runs)) {
    const taken: number[] = [];
    for (let n = 0; n < TIMES; n += 1) {
      const start = performance.now();
      await ask(store);
      taken.push(performance.now() - start);
    }
    taken.sort((one, other) => one - other);
    const [middle = 0, most = 0] = [taken[Math.floor(TIMES / 2)], taken.at(-1)];
    console.log(
      `  ${name.padEnd(38)} ${middle.toFixed(0).padStart(5)} ms, at most ${most.toFixed(0)}`,
    );
  }
  await store.close();
  const start = performance.now();
  const again = await open();
  await again.listRuns({ limit: 20 });
  console.log(
    `  ${'open and list'.padEnd(38)} ${(performance.now() - start).toFixed(0).padStart(5)} ms`,
  );
  await again.close();
}

type Question = readonly [string, (store: HistoryStore) => Promise<unknown>];

function questions(count: number): readonly Question[] {
  const list = (name: string, filter: Omit<RunFilter, 'limit'>): Question => [
    name,
    (store) => store.listRuns({ ...filter, limit: 20 }),
  ];
  const old = timeOf(Math.floor(count / 10));
  const month = timeOf(2880);
  return [
    list('the newest', {}),
    list('--app', { apps: ['app3'] }),
    list('--app --group', { apps: ['app3'], group: 'eu' }),
    list('--group of none', { group: 'none' }),
    list('--host', { host: 'host3-8' }),
    list('--host of one old run', { host: RARE_HOST }),
    list('--host of none', { host: 'none' }),
    list('--host --state seldom', { host: 'host7-7', state: 'fenced' }),
    list('--app --host', { apps: ['app3'], host: 'host3-8' }),
    list('--since', { since: timeOf(count - 100) }),
    list('--until long ago', { until: old }),
    list('--app --since --until long ago', { apps: ['app3'], since: timeOf(100), until: old }),
    list('--by', { operator: 'person3' }),
    list('--by of none', { operator: 'none' }),
    list('--state rolled_back', { state: 'rolled_back' }),
    list('--state seldom', { state: 'fenced' }),
    list('--state open', { state: 'open' }),
    list('--release by version, old', { release: 'v77' }),
    list('--release by commit of none', { release: 'ffffffff' }),
    list('--kind rollback', { kind: 'rollback' }),
    ['open runs', (store) => store.listOpenRuns({})],
    ['release of a host at a time', (store) => store.releaseAt({ host: 'host3-8', at: old })],
    [
      'release of a host now, one app',
      (store) => store.releaseAt({ host: 'host3-8', at: timeOf(count), app: 'app3' }),
    ],
    ['one run', (store) => store.getRun('20230105T001500Z')],
    ['releases of an app', (store) => store.listReleases('app3')],
    [
      'all runs of a month with their hosts',
      async (store) => {
        for await (const _ of store.runsBetween({ until: month }));
      },
    ],
  ];
}

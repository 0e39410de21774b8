import type { Mutation } from '../mutation.js';

const MERGE = 'test/history/merge.test.ts';
const URLS = 'test/config/fleet/fleet-file-mistakes.test.ts';

/** What is recorded stays, once, and passwords and clear text stay off the network. */
export const HISTORY_STORES_MUTATIONS: readonly Mutation[] = [
  {
    name: 'history: an older write changes no host',
    protects: 'writes may be repeated in any order',
    file: 'src/history/merge.ts',
    find: '  return stamp > before.stamp ? { ...before, stamp, state, at, error } : before;',
    without: '  return { ...before, stamp, state, at, error };',
    noticedBy: [
      `${MERGE} > an earlier event changes nothing of a host to which a later one has come`,
    ],
  },
  {
    name: 'history: a repeated start does not open a run that has ended',
    protects: 'a run that is over is not shown as running',
    file: 'src/history/merge.ts',
    find: '    opens: start.stamp > before.endStamp,',
    without: '    opens: true,',
    noticedBy: [`${MERGE} > only a start after the end opens a run again`],
  },
  {
    name: 'history: an address is no name in a certificate',
    protects: 'no other server with a certificate is taken for the one that is meant',
    file: 'src/model/history/history-url.ts',
    find: "  if (kind === 'mysql' && isAddress(host)) {",
    without: "  if (kind === 'mysql' && host === '') {",
    noticedBy: [`${URLS} > mysql://192.0.2.7/fleet is refused`],
  },
];

import type { Mutation } from '../mutation.js';

/** What keeps a run of another bastion, and its record, as they are. */
export const SHARED_MUTATIONS: readonly Mutation[] = [
  {
    name: 'shared: a run that has just begun',
    protects: 'no bastion ends the record of a run that has not locked its hosts yet',
    file: 'src/cli/records/plan-hosts.ts',
    find: 'return facts.epoch >= epoch;',
    without: 'return true;',
    noticedBy: ['test/cli/records/plan-hosts.test.ts > not before it has locked the host'],
  },
  {
    name: 'shared: what comes late',
    protects: 'a controller that comes back does not replace what a later one shows',
    file: 'src/history/shared-run.ts',
    find: 'const timeOf = (stream: string): string => String(Date.parse(stream))',
    without: 'const timeOf = (_: string): string => String(0)',
    noticedBy: ['test/history/shared-run.test.ts > is never replaced by what an earlier'],
  },
];

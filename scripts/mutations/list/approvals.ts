import type { Mutation } from '../mutation.js';

const CLI = 'test/cli/approvals.test.ts';
const JUDGE = 'test/engine/approval/judge.test.ts';
const STORE = 'test/engine/approval/file-store.test.ts';

/** What makes an approval one of another person, for this plan, once. */
export const APPROVAL_MUTATIONS: readonly Mutation[] = [
  {
    name: 'approval: the account behind a file',
    protects: 'a person does not approve for another name of their own',
    file: 'src/engine/approval/person.ts',
    find: 'one.owner !== null && one.owner === other.owner && one.owner !== 0',
    without: 'one.owner === -1',
    noticedBy: [`${JUDGE} > one person by the owner of both files`],
  },
  {
    name: 'approval: said and written',
    protects: 'a record that names another account than the one that wrote it proves nothing',
    file: 'src/engine/approval/judge.ts',
    find: 'owner !== null && uid !== owner',
    without: 'owner !== null && uid === -1',
    noticedBy: [`${JUDGE} > a record of another account`],
  },
  {
    name: 'approval: the very plan',
    protects: 'what starts is what was approved',
    file: 'src/engine/approval/judge.ts',
    find: "if (given.digest !== digest) return unfit('another plan was approved');",
    without: '',
    noticedBy: [
      `${CLI} > counts only as long as plan, request and answer are as they were written`,
    ],
  },
  {
    name: 'approval: its time',
    protects: 'an approval of yesterday starts nothing today',
    file: 'src/engine/approval/judge.ts',
    find: "if (!(now.getTime() < ends)) return { kind: 'expired' };",
    without: '',
    noticedBy: [`${JUDGE} > expires at its last moment`],
  },
  {
    name: 'approval: used once',
    protects: 'one approval starts one run',
    file: 'src/engine/approval/file-store.ts',
    find: '      linkSync(next, file);\n',
    without: '      renameSync(next, file);\n',
    noticedBy: [`${STORE} > gives one of many the answer, and one the use`],
  },
  {
    name: 'approval: a file that others write',
    protects: 'the owner of an answer is its author',
    file: 'src/engine/approval/file-store.ts',
    find: 'if ((mode & WRITABLE_BY_OTHERS) !== 0) return null;',
    without: '',
    noticedBy: [`${STORE} > does not count what others of the group could have written`],
  },
  {
    name: 'chain: a line that is a copy',
    protects: 'a line that was put in again shows',
    file: 'src/history/chain/verify.ts',
    find: 'if (this.#places.has(digest))',
    without: 'if (false)',
    noticedBy: ['test/history/chain/verify.test.ts > is what was put in between, or moved there'],
  },
  {
    name: 'chain: the end of a journal',
    protects: 'a journal whose end was removed is not intact',
    file: 'src/engine/audit/verify-records.ts',
    find: 'digest !== null && !digests.has(digest)',
    without: 'digest === run',
    noticedBy: [
      'test/engine/audit/verify-records.test.ts > show that the end of a journal is gone',
    ],
  },
];

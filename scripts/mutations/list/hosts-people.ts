import type { Mutation } from '../mutation.js';

/** What people type and where their records are. */
export const PEOPLE_MUTATIONS: readonly Mutation[] = [
  {
    name: 'question: what was typed before it',
    protects: 'a y that was typed before the question was to be seen confirms nothing',
    file: 'src/ui/terminal/prompt.ts',
    find: '  if (discardTyped(stdin)) {',
    without: '  if (stdin.isTTY === undefined) {',
    noticedBy: [
      'test/ui/terminal/prompt.test.ts > accepts no answer that was typed before it',
      'test/security/typed-ahead.test.ts > and neither is an unfinished line',
    ],
  },
  {
    name: 'question: several lines at once',
    protects: 'text that was pasted by mistake confirms nothing',
    file: 'src/ui/terminal/prompt.ts',
    find: '    if (answer?.pasted !== true) return',
    without: '    if (answer !== undefined) return',
    noticedBy: ['test/ui/terminal/prompt.test.ts > does not accept several lines as an answer'],
  },
  {
    name: 'shared state: only its group',
    protects: 'a state folder that more than one group may change is not used',
    file: 'src/config/paths/owners.ts',
    find: '    return { reason: `every user',
    without: '    if (uid < 0) return { reason: `every user',
    noticedBy: [
      'test/security/shared-folder.test.ts > is refused where it may be written by everyone',
    ],
  },
  {
    name: 'shared state: an owner of the group',
    protects: 'no one outside the group owns the folder that it trusts',
    file: 'src/config/paths/owners.ts',
    find: 'if (!owners.has(uid) && !(await isMember(uid, gid)))',
    without: 'if (uid < 0)',
    noticedBy: [
      'test/security/shared-folder.test.ts > is refused where it belongs to who is not of the group',
    ],
  },
  {
    name: 'shared state: by name',
    protects: 'a folder that others may write is shared only where a person has named it so',
    file: 'src/config/paths/owners.ts',
    find: '  if (mayShare && (found.mode & GROUP_WRITES) !== 0)',
    without: '  if (mayShare !== undefined && (found.mode & GROUP_WRITES) !== 0)',
    noticedBy: [
      'test/security/shared-folder.test.ts > is refused where it is not named as one that is shared',
    ],
  },
  {
    name: 'suspend: by the system alone',
    protects: 'Ctrl-Z without a shell does not stop a run for ever, with hosts in the middle of it',
    file: 'src/cli/connect/calm-terminal.ts',
    find: "process.kill(process.pid, 'SIGTSTP')",
    without: "process.kill(process.pid, 'SIGSTOP')",
    noticedBy: [
      'test/security/terminal.test.ts > without a shell to return to, Ctrl-Z does not stop the run forever',
    ],
  },
  {
    name: 'shared state: files of the group alone',
    protects: 'a record that someone outside the group has written is not read',
    file: 'src/files/shared-folder.ts',
    find: 'return gid === sharingGroup(dirname(path)) && (mode & OTHERS_WRITE) === 0;',
    without: 'return gid >= 0 && mode >= 0 && sharingGroup(dirname(path)) !== undefined;',
    noticedBy: [
      'test/security/shared-folder.test.ts > a file of another that is of another group is not',
      'test/security/shared-folder.test.ts > a file of another that lies where no group shares is not',
    ],
  },
];

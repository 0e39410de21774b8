import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  configure,
  git,
  type Hostile,
  hooksIn,
  layOpen,
  loseObjects,
  repositoryIn,
  type Stage,
  signedCommitIn,
  touch,
} from './hostile-repository.js';

export type Case = readonly [name: string, make: (stage: Stage) => Hostile];

const folder = (path: string): Hostile => ({ source: { kind: 'folder', path } });
const commit = (repository: string): Hostile => ({
  source: { kind: 'git', repository, ref: 'HEAD', subdir: null },
});

/** A folder that is sent, in a repository with these settings. */
const changedFolder =
  (settings: (program: string) => Readonly<Record<string, string>>) =>
  ({ root, canary }: Stage): Hostile => {
    const dist = repositoryIn(join(root, 'dist'));
    configure(dist, settings(canary.program));
    touch(dist);
    return folder(dist);
  };

const takenCommit =
  (settings: (program: string) => Readonly<Record<string, string>>) =>
  ({ root, canary }: Stage): Hostile => {
    const repository = repositoryIn(join(root, 'repository'));
    configure(repository, settings(canary.program));
    return commit(repository);
  };

const CLEAN = (program: string) => ({ 'filter.x.clean': program });
const PROCESS = (program: string) => ({ 'filter.x.process': program, 'filter.x.required': 'true' });

/** Keys that have git run a program somewhere; none of them may be seen. */
const PROGRAMS = (program: string) => ({
  'core.fsmonitor': program,
  'core.pager': program,
  'core.editor': program,
  'core.sshCommand': program,
  'core.gitProxy': program,
  'core.askPass': program,
  'core.alternateRefsCommand': program,
  'credential.helper': program,
  'diff.external': program,
  'diff.x.command': program,
  'diff.x.textconv': program,
  'merge.x.driver': `${program} %O %A %B`,
  'gpg.program': program,
  'gpg.ssh.program': program,
  'gpg.ssh.defaultKeyCommand': program,
  'log.showSignature': 'true',
  'tar.tar.command': program,
  'uploadpack.packObjectsHook': program,
  'status.submoduleSummary': 'true',
  'alias.status': `!${program}`,
  'alias.archive': `!${program}`,
  'trace2.eventTarget': `af_unix:${program}`,
});

export const HOSTILE_FOLDERS: readonly Case[] = [
  ['a clean filter in the .git that it brings', changedFolder(CLEAN)],
  ['a filter process', changedFolder(PROCESS)],
  ['every other key that names a program', changedFolder(PROGRAMS)],
  [
    'a bare repository as its own files',
    ({ root, canary }) => {
      const dist = repositoryIn(join(root, 'dist'));
      configure(dist, { ...CLEAN(canary.program), 'core.bare': 'false', 'core.worktree': dist });
      touch(dist);
      layOpen(dist);
      return folder(dist);
    },
  ],
  [
    'a bare repository in the folder above',
    ({ root, canary }) => {
      const top = repositoryIn(join(root, 'top'));
      mkdirSync(join(top, 'dist'));
      writeFileSync(join(top, 'dist/f'), 'x');
      configure(top, { ...CLEAN(canary.program), 'core.bare': 'false', 'core.worktree': top });
      touch(top);
      layOpen(top);
      return folder(join(top, 'dist'));
    },
  ],
  [
    'a .git file that leads to a planted repository',
    ({ root, canary }) => {
      const dist = repositoryIn(join(root, 'dist'));
      configure(dist, { ...CLEAN(canary.program), 'core.worktree': dist });
      touch(dist);
      renameSync(join(dist, '.git'), join(dist, 'data'));
      writeFileSync(join(dist, '.git'), 'gitdir: data\n');
      return folder(dist);
    },
  ],
  [
    'settings that its configuration includes',
    ({ root, canary }) => {
      const dist = repositoryIn(join(root, 'dist'));
      writeFileSync(join(dist, 'more'), `[filter "x"]\n\tclean = ${canary.program}\n`);
      configure(dist, {
        'include.path': join(dist, 'more'),
        'includeIf.onbranch:main.path': 'more',
      });
      touch(dist);
      return folder(dist);
    },
  ],
  [
    'settings of one work tree',
    ({ root, canary }) => {
      const dist = repositoryIn(join(root, 'dist'));
      configure(dist, { 'extensions.worktreeConfig': 'true' });
      git(dist, 'config', '--worktree', 'filter.x.clean', canary.program);
      touch(dist);
      return folder(dist);
    },
  ],
  [
    'a linked work tree whose repository is hostile',
    ({ root, canary }) => {
      const main = repositoryIn(join(root, 'main'));
      git(main, 'worktree', 'add', '-q', join(root, 'dist'));
      configure(main, CLEAN(canary.program));
      touch(join(root, 'dist'));
      return folder(join(root, 'dist'));
    },
  ],
  [
    'a submodule with a configuration of its own',
    ({ root, canary }) => {
      const dist = repositoryIn(join(root, 'dist'));
      const sub = repositoryIn(join(dist, 'sub'));
      writeFileSync(join(dist, '.gitmodules'), '[submodule "s"]\n\tpath = sub\n\turl = ./s\n');
      git(dist, 'add', '.');
      git(dist, 'commit', '-qm', 'two');
      configure(sub, { ...CLEAN(canary.program), 'core.fsmonitor': canary.program });
      touch(sub);
      return folder(dist);
    },
  ],
  [
    'hooks',
    ({ root, canary }) => {
      const dist = repositoryIn(join(root, 'dist'));
      hooksIn(join(dist, '.git/hooks'), canary.program);
      configure(dist, { 'core.hooksPath': hooksIn(join(root, 'hooks'), canary.program) });
      touch(dist);
      return folder(dist);
    },
  ],
  [
    'a missing object that a remote helper would fetch',
    ({ root, canary }) => {
      const dist = repositoryIn(join(root, 'dist'));
      configure(dist, { 'protocol.ext.allow': 'always', 'diff.renames': 'copies' });
      loseObjects(dist, `ext::${canary.program}`);
      touch(dist);
      return folder(dist);
    },
  ],
];

export const HOSTILE_COMMITS: readonly Case[] = [
  ['a smudge filter', takenCommit((program) => ({ 'filter.x.smudge': program }))],
  ['a filter process', takenCommit(PROCESS)],
  ['every other key that names a program', takenCommit(PROGRAMS)],
  [
    'a missing object that core.sshCommand would fetch',
    ({ root, canary }) => {
      const repository = repositoryIn(join(root, 'repository'));
      configure(repository, { 'core.sshCommand': canary.program });
      loseObjects(repository, 'ssh://somewhere/x');
      return commit(repository);
    },
  ],
  [
    'a missing object that a remote helper would fetch',
    ({ root, canary }) => {
      const repository = repositoryIn(join(root, 'repository'));
      configure(repository, { 'protocol.ext.allow': 'always' });
      loseObjects(repository, `ext::${canary.program}`);
      return commit(repository);
    },
  ],
  [
    'a missing object that an upload-pack would bring from this machine',
    ({ root, canary }) => {
      const other = repositoryIn(join(root, 'other'));
      const repository = repositoryIn(join(root, 'repository'));
      configure(repository, { 'remote.origin.uploadpack': canary.program });
      loseObjects(repository, other);
      return commit(repository);
    },
  ],
  [
    'a signature to be looked at by its gpg',
    ({ root, canary }) => {
      const repository = join(root, 'repository');
      signedCommitIn(repository);
      configure(repository, {
        'gpg.program': canary.program,
        'gpg.openpgp.program': canary.program,
      });
      return commit(repository);
    },
  ],
  [
    'the surroundings that fleet was started in',
    ({ root, canary }) => ({
      ...commit(repositoryIn(join(root, 'repository'))),
      env: {
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'filter.x.smudge',
        GIT_CONFIG_VALUE_0: canary.program,
        GIT_CONFIG_PARAMETERS: `'filter.x.smudge'='${canary.program}'`,
        GIT_CONFIG: join(root, 'config'),
        GIT_SSH_COMMAND: canary.program,
        GIT_EXTERNAL_DIFF: canary.program,
        GIT_PAGER: canary.program,
        GIT_EXEC_PATH: root,
        GIT_TEMPLATE_DIR: root,
      },
    }),
  ],
];

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReleaseSource } from '../../../src/model/runs/app.js';
import { GIT_ENV, plant, run } from '../../artifact/support/scratch.js';

/** A program that must never run, and how to see whether it did. */
export interface Canary {
  readonly program: string;
  ran(): boolean;
}

export function canaryIn(folder: string): Canary {
  const trace = join(folder, 'canary-ran');
  const script = `#!/bin/sh\necho "$0 $*" >>'${trace}'\nexec cat\n`;
  plant(folder, { canary: { script } });
  return { program: join(folder, 'canary'), ran: () => existsSync(trace) };
}

/** What one case of the table makes, below a folder of its own. */
export interface Stage {
  readonly root: string;
  readonly canary: Canary;
}

export interface Hostile {
  readonly source: ReleaseSource;
  /** Beside git's own of a machine where nothing is configured. */
  readonly env?: Readonly<Record<string, string>>;
}

export const git = (folder: string, ...args: readonly string[]): string =>
  run(folder, 'git', ...args);

/** A repository with a commit of two files, of which one has the attribute `filter=x`. */
export function repositoryIn(folder: string): string {
  plant(folder, { '.gitattributes': 'app.js filter=x diff=x merge=x\n', 'app.js': 'one', b: 'b' });
  git(folder, 'init', '-q', '-b', 'main');
  git(folder, 'add', '.');
  git(folder, 'commit', '-qm', 'one');
  return folder;
}

/** Changes a tracked file and keeps its size, so that git has to look at what is in it. */
export function touch(folder: string): void {
  writeFileSync(join(folder, 'app.js'), 'two');
}

export function configure(folder: string, settings: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(settings)) git(folder, 'config', key, value);
}

/** Makes a bare repository of a checkout's own folder: HEAD, config, objects and refs are its files. */
export function layOpen(folder: string): void {
  for (const name of readdirSync(join(folder, '.git')))
    renameSync(join(folder, '.git', name), join(folder, name));
  rmSync(join(folder, '.git'), { recursive: true });
}

/** Takes away the objects that a fetch would bring back, as in a partial clone. */
export function loseObjects(folder: string, remote: string): void {
  configure(folder, {
    'core.repositoryformatversion': '1',
    'extensions.partialclone': 'origin',
    'remote.origin.url': remote,
    'remote.origin.promisor': 'true',
    'remote.origin.partialclonefilter': 'blob:none',
  });
  const blob = git(folder, 'rev-parse', 'HEAD:app.js');
  rmSync(join(folder, '.git/objects', blob.slice(0, 2), blob.slice(2)));
}

/** A commit that says it is signed, with a file that asks for the signature's state. */
export function signedCommitIn(folder: string): void {
  repositoryIn(folder);
  writeFileSync(join(folder, '.gitattributes'), 'b export-subst\n');
  writeFileSync(join(folder, 'b'), '$Format:%G?$ $Format:%GK$');
  git(folder, 'add', '.');
  const tree = git(folder, 'write-tree');
  const head = `tree ${tree}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n`;
  const signature = 'gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n';
  const commit = execFileSync('git', ['hash-object', '-t', 'commit', '-w', '--stdin'], {
    cwd: folder,
    env: GIT_ENV,
    input: `${head}${signature}\nsigned\n`,
    encoding: 'utf8',
  }).trim();
  git(folder, 'update-ref', 'refs/heads/main', commit);
}

/** A folder of the program's kind in a hooks folder, under every name that git calls. */
export function hooksIn(folder: string, program: string): string {
  mkdirSync(folder, { recursive: true });
  for (const name of ['post-index-change', 'fsmonitor-watchman', 'post-checkout', 'pre-auto-gc'])
    plant(folder, { [name]: { script: `#!/bin/sh\nexec '${program}'\n` } });
  return folder;
}

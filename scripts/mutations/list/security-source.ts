import type { Mutation } from '../mutation.js';

const GIT = 'test/security/git-runs-nothing.test.ts';
const TOLD = 'test/security/sources-say-what-they-lack.test.ts';
const BUDGET = 'test/security/archives-have-budgets.test.ts';
const DOWNLOAD = 'test/security/downloads-have-budgets.test.ts';
const VIEW = 'src/artifact/git/git-view.ts';

/** What keeps a release source from running, holding up or filling the bastion. */
export const SECURITY_SOURCE_MUTATIONS: readonly Mutation[] = [
  {
    name: 'source: git is shown a configuration of fleet’s own',
    protects: 'nothing runs that a tree brings',
    file: VIEW,
    find: "  await writeFile(join(at, 'config'), viewConfig(settings, workTree === null));\n",
    without: "  await copyFile(join(commonDir, 'config'), join(at, 'config'));\n",
    noticedBy: [
      `${GIT} > a folder with a clean filter in the .git that it brings`,
      `${GIT} > a commit with a smudge filter`,
    ],
  },
  {
    name: 'source: git does not go into submodules',
    protects: 'a git that git starts would obey the configuration it finds there',
    file: 'src/artifact/git/git-work-tree.ts',
    find: '--ignore-submodules=dirty',
    without: '--ignore-submodules=none',
    noticedBy: [`${GIT} > a folder with a submodule with a configuration of its own`],
  },
  {
    name: 'source: a commit is what its hash says',
    protects: 'refs/replace puts nothing in the place of what was reviewed',
    file: 'src/artifact/git/git-process.ts',
    find: "    GIT_NO_REPLACE_OBJECTS: '1',\n",
    without: '',
    noticedBy: [`${GIT} > not what refs/replace puts in their place`],
  },
  {
    name: 'source: no bare repository among the files of another',
    protects: 'a tree does not choose which repository a commit is taken from',
    file: 'src/artifact/git/git.ts',
    find: '    await refusePlanted(repository, found);\n',
    without: '    await refusePlanted(repository, { ...found, bare: false });\n',
    noticedBy: [`${GIT} > but not one that lies among the files of another`],
  },
  {
    name: 'source: a folder is no bare repository',
    protects: 'plain files do not say which commit they are',
    file: 'src/artifact/git/git-work-tree.ts',
    find: "    if (found.bare) return doubtful(folder, 'it looks like a bare git repository itself');\n",
    without: '',
    noticedBy: [`${TOLD} > is reported when the folder looks like a bare one`],
  },
  {
    name: 'source: no .git is sent',
    protects: 'passwords in a repository’s configuration stay on the bastion',
    file: 'src/artifact/tree/tree.ts',
    find: '!inGit(entry) && ',
    without: '',
    noticedBy: [`${TOLD} > is left out of a folder and of an archive alike`],
  },
  {
    name: 'source: each link is followed once',
    protects: 'an archive of 1 MB does not hold the bastion for minutes',
    file: 'src/artifact/tree/link-walk.ts',
    find: '      if (place.end === null) this.#enter(frames, place);\n',
    without:
      '      this.#enter(frames, place);\n      for (const other of this.#links) if (other !== place) other.end = null;\n',
    noticedBy: [`${BUDGET} > are followed once each, however they lead through each other`],
  },
  {
    name: 'source: how far an archive may grow',
    protects: 'a bomb ends before the disk does',
    file: 'src/artifact/archive/archive.ts',
    find: '      if (bytes > believable) {\n',
    without: '      if (bytes > believable && most < 0) {\n',
    noticedBy: [`${BUDGET} > that unpacks to hundreds of times its size`],
  },
  {
    name: 'source: a download has an end',
    protects: 'a server does not hold a deploy up for ever',
    file: 'src/artifact/download.ts',
    find: '  const signal = AbortSignal.any([overdue.signal, ...given]);\n',
    without: '  const signal = AbortSignal.any(given);\n',
    noticedBy: [`${DOWNLOAD} > when it has taken the longest time allowed`],
  },
];

import type { Guard } from '../guard.js';

const GIT = 'test/security/git-runs-nothing.test.ts';
const TOLD = 'test/security/sources-say-what-they-lack.test.ts';
const BUDGET = 'test/security/archives-have-budgets.test.ts';
const DOWNLOAD = 'test/security/downloads-have-budgets.test.ts';
const VIEW = 'src/artifact/git-view.ts';
const TREE = 'src/artifact/archive-tree.ts';

/** What keeps a release source from running, holding up or filling the bastion. */
export const SECURITY_SOURCE_GUARDS: readonly Guard[] = [
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
    file: 'src/artifact/git-work-tree.ts',
    find: '--ignore-submodules=dirty',
    without: '--ignore-submodules=none',
    noticedBy: [`${GIT} > a folder with a submodule with a configuration of its own`],
  },
  {
    name: 'source: a commit is what its hash says',
    protects: 'refs/replace puts nothing in the place of what was reviewed',
    file: 'src/artifact/git-process.ts',
    find: "    GIT_NO_REPLACE_OBJECTS: '1',\n",
    without: '',
    noticedBy: [`${GIT} > not what refs/replace puts in their place`],
  },
  {
    name: 'source: no bare repository among the files of another',
    protects: 'a tree does not choose which repository a commit is taken from',
    file: 'src/artifact/git.ts',
    find: '    await refusePlanted(repository, found);\n',
    without: '    await refusePlanted(repository, { ...found, bare: false });\n',
    noticedBy: [`${GIT} > but not one that lies among the files of another`],
  },
  {
    name: 'source: a folder is no bare repository',
    protects: 'plain files do not say which commit they are',
    file: 'src/artifact/git-work-tree.ts',
    find: "    if (found.bare) return doubtful(folder, 'it looks like a bare git repository itself');\n",
    without: '',
    noticedBy: [`${TOLD} > is reported when the folder looks like a bare one`],
  },
  {
    name: 'source: files that need a filter of the repository',
    protects: 'what is not run is not silently missing either',
    file: 'src/artifact/source-tree.ts',
    find: '  await refuseFiltered(repository, tree);\n',
    without:
      '  await refuseFiltered({ ...repository, view: { ...repository.view, filters: [] } }, tree);\n',
    noticedBy: [`${GIT} > a commit whose files need a filter of the repository alone is refused`],
  },
  {
    name: 'source: a submodule is no empty folder',
    protects: 'a release holds all that its commit says',
    file: 'src/artifact/source-tree.ts',
    find: '  await refuseSubmodules(repository, tree, read.entries);\n',
    without: '  await refuseSubmodules(repository, tree, []);\n',
    noticedBy: [`${TOLD} > refuses a commit that would have an empty folder for it`],
  },
  {
    name: 'source: pointers of git-lfs',
    protects: 'an app is not sent a few lines in the place of its files',
    file: 'src/artifact/prepare.ts',
    find: '  if (lfsPointer === null) return;\n',
    without: '  if (lfsPointer !== undefined) return;\n',
    noticedBy: [`${TOLD} > a pointer of git-lfs in the place of a file refuses`],
  },
  {
    name: 'source: no .git is sent',
    protects: 'passwords in a repository’s configuration stay on the bastion',
    file: 'src/artifact/tree.ts',
    find: '!inGit(entry) && ',
    without: '',
    noticedBy: [`${TOLD} > is left out of a folder and of an archive alike`],
  },
  {
    name: 'source: each link is followed once',
    protects: 'an archive of 1 MB does not hold the bastion for minutes',
    file: 'src/artifact/link-walk.ts',
    find: '      if (place.end === null) this.#enter(frames, place);\n',
    without:
      '      this.#enter(frames, place);\n      for (const other of this.#links) if (other !== place) other.end = null;\n',
    noticedBy: [`${BUDGET} > are followed once each, however they lead through each other`],
  },
  {
    name: 'source: names in all',
    protects: 'names are kept in memory, and each part is looked at',
    file: TREE,
    find: 'if (this.#nameBytes > nameBytes) {',
    without: 'if (this.#nameBytes > nameBytes && bytes < 0) {',
    noticedBy: [`${BUDGET} > whose names are longer, all together, than may be kept`],
  },
  {
    name: 'source: repeated folders are counted',
    protects: 'an archive has an end, whatever it holds',
    file: TREE,
    find: '    if (this.#members > 2 * this.#limits.entries) throw this.#tooMany(member);\n',
    without: '',
    noticedBy: [`${BUDGET} > that repeats a folder without end`],
  },
  {
    name: 'source: hard links are counted as files',
    protects: 'a release is not larger than it may be, whatever its archive weighs',
    file: TREE,
    find: "    if (entry.kind === 'file') this.#bytes += entry.content.size;\n",
    without: '',
    noticedBy: [`${BUDGET} > that grows by hard links to one large file`],
  },
  {
    name: 'source: how far an archive may grow',
    protects: 'a bomb ends before the disk does',
    file: 'src/artifact/archive.ts',
    find: '      if (bytes > believable) {\n',
    without: '      if (bytes > believable && most < 0) {\n',
    noticedBy: [`${BUDGET} > that unpacks to hundreds of times its size`],
  },
  {
    name: 'source: a download that trickles',
    protects: 'a server does not hold a deploy up for ever',
    file: 'src/artifact/download.ts',
    find: 'if (window.bytes < limits.bytesPerWindow) throw tooSlow();',
    without: 'if (window.bytes < 0) throw tooSlow();',
    noticedBy: [`${DOWNLOAD} > when it trickles, though it is never silent`],
  },
  {
    name: 'source: a download has an end',
    protects: 'a server does not hold a deploy up for ever',
    file: 'src/artifact/download.ts',
    find: '  const signal = AbortSignal.any([overdue.signal, ...given]);\n',
    without: '  const signal = AbortSignal.any(given);\n',
    noticedBy: [`${DOWNLOAD} > when it has taken as long as any may`],
  },
  {
    name: 'source: the head of an answer has an end',
    protects: 'a server does not hold a deploy up for ever',
    file: 'src/artifact/download.ts',
    find: '    const head = setTimeout(silent, idleMs);\n',
    without: '    const head = setTimeout(() => undefined, idleMs);\n',
    noticedBy: [`${DOWNLOAD} > when its head does not come to an end`],
  },
];

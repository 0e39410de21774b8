import { judgeFencing } from './fencing.js';
import type { HostProcesses } from './host-process.js';
import { isUnfinished } from './host-state.js';
import { currentRelease, type FoundRelease, type HostTree } from './host-tree.js';
import { type Difference, differences } from './release-difference.js';
import type { KnownReleases } from './releases.js';

/** One thing that must never be, as DESIGN.md 6 numbers them; `free` is what recovery promises, the others what hooks and backups do. */
export interface Violation {
  readonly invariant:
    | 'I1'
    | 'I2'
    | 'I3'
    | 'I6'
    | 'I7'
    | 'I9'
    | 'I11'
    | 'I12'
    | 'free'
    | 'hooks'
    | 'backups'
    | 'left';
  readonly host: string;
  readonly what: string;
}

/** A host as it was read from outside, and what is known of what befell it. */
export interface HostReading {
  readonly name: string;
  readonly tree: HostTree;
  readonly processes: HostProcesses;
  /** The disk was full for a while, so that a line of the log may be torn. */
  readonly wasFull: boolean;
  /** Why an open transaction may still be open: its switch died with the boot. Null where it may not. */
  readonly excuse: string | null;
}

/** What holds at any quiet moment, whatever has happened. */
export function judgeHost(reading: HostReading, known: KnownReleases): readonly Violation[] {
  return [
    ...judgeCurrent(reading, known),
    ...judgeLog(reading),
    ...judgeDeadline(reading),
    ...judgeKept(reading, known),
  ];
}

/** What holds once `fleet recover` has ended, on top of that. */
export function judgeRecovered(reading: HostReading, known: KnownReleases): readonly Violation[] {
  return [...judgeFree(reading), ...judgeServing(reading, known)];
}

/** I1: `current` is absent or resolves to a complete release. */
export function judgeCurrent(
  { name, tree }: Pick<HostReading, 'name' | 'tree'>,
  known: KnownReleases,
): readonly Violation[] {
  const { current } = tree;
  const broken = (what: string): readonly Violation[] => [{ invariant: 'I1', host: name, what }];
  if (current.kind === 'absent') return [];
  if (current.kind === 'foreign') return broken('current is not a link');
  const id = currentRelease(current);
  if (id === null) return broken(`current names ${current.target}`);
  const isAbsolute = current.target.startsWith('/');
  if (isAbsolute !== (known.get(id)?.foreign === true)) {
    return broken(`current is ${current.target}, which is not the link that was made to it`);
  }
  return judgeRelease(id, tree.releases.get(id), known).flatMap((what) =>
    broken(`current is on ${id}, of which ${what}`),
  );
}

/** I3: no one acts after someone newer has claimed. */
function judgeLog({ name, tree, wasFull }: HostReading): readonly Violation[] {
  const torn = tree.log.torn > 0 && !wasFull ? [`${tree.log.torn} lines of the log are torn`] : [];
  return [...judgeFencing(tree.log.lines), ...torn].map((what) => ({
    invariant: 'I3',
    host: name,
    what,
  }));
}

/** I7: asked once the deadline and its margin have passed. */
function judgeDeadline({ name, tree, excuse }: HostReading): readonly Violation[] {
  if (excuse !== null || !isUnfinished(tree.state, currentRelease(tree.current), tree.log))
    return [];
  const { state } = tree;
  const what = `transaction ${state?.txn} is ${state?.phase}, past its deadline and margin`;
  return [{ invariant: 'I7', host: name, what }];
}

/** I12: what may still be needed is there, and whole; so is every release that can be seen. */
function judgeKept(reading: HostReading, known: KnownReleases): readonly Violation[] {
  const { name, tree, processes } = reading;
  const { state } = tree;
  const needed = new Map<string, string>();
  for (const folder of processes.folders) {
    const id = /^\/opt\/shop\/releases\/([^/ ]+)/.exec(folder)?.[1];
    if (id !== undefined && folder.endsWith(' (deleted)')) needed.set(id, 'a process runs from it');
  }
  if (state !== null && state.from !== '')
    needed.set(state.from, 'the last transaction is from it');
  if (state !== null && known.get(state.from)?.foreign === true)
    needed.set(state.from, 'another tool made it');
  const gone = [...needed]
    .filter(([id]) => !tree.releases.has(id))
    .map(([id, why]) => `${id} is gone, and ${why}`);
  const torn = [...tree.releases]
    .filter(([id, found]) => known.has(id) && found.standing !== null)
    .flatMap(([id, found]) => judgeRelease(id, found, known).map((what) => `of ${id} ${what}`));
  return [...gone, ...torn].map((what) => ({ invariant: 'I12', host: name, what }));
}

/** Recovery leaves a host idle or down, and claimed by no one. */
function judgeFree({ name, tree }: HostReading): readonly Violation[] {
  const { state } = tree;
  if (state === null) return [];
  const claim = state.run === '' ? [] : [`run ${state.run} still has its claim`];
  const phase = ['idle', 'down'].includes(state.phase) ? [] : [`phase ${state.phase}`];
  return [...claim, ...phase].map((what) => ({ invariant: 'free', host: name, what }));
}

/** I2: in idle, the process runs the release that `current` names. */
function judgeServing(reading: HostReading, known: KnownReleases): readonly Violation[] {
  const { name, tree, processes } = reading;
  const id = currentRelease(tree.current);
  if (tree.state?.phase !== 'idle' || id === null) return [];
  const fails = (known.get(id)?.flaw ?? 'none') !== 'none';
  if (processes.mainPid === 0) {
    if (fails) return [];
    return [{ invariant: 'I2', host: name, what: `nothing runs (unit ${processes.active})` }];
  }
  if (processes.cwd === `/opt/shop/releases/${id}`) return [];
  const what = `current is ${id}, the process runs from ${processes.cwd}`;
  return [{ invariant: 'I2', host: name, what }];
}

/** What is wrong with a release, in words that follow "of it". */
function judgeRelease(
  id: string,
  found: FoundRelease | undefined,
  known: KnownReleases,
): readonly string[] {
  const made = known.get(id);
  if (made === undefined) return ['nobody has made anything'];
  if (found === undefined) return ['nothing is there'];
  if (made.foreign === true) {
    const written = found.version === null ? [] : ['fleet has written a version.json into it'];
    return [...differences(made.entries, found.entries).map(inWords), ...written];
  }
  const marker = found.standing === null ? ['the marker is missing'] : [];
  const version = isWholeVersion(found.version) ? [] : ['version.json is not whole'];
  return [...differences(made.entries, found.entries).map(inWords), ...marker, ...version];
}

function inWords({ path, kind }: Difference): string {
  return `${path} is ${kind}`;
}

function isWholeVersion(text: string | null): boolean {
  if (text === null) return false;
  try {
    const version = JSON.parse(text);
    return version.schema === 1 && version.app === 'shop' && typeof version.digest === 'string';
  } catch {
    return false;
  }
}

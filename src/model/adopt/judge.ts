import type { ReleaseId } from '../names.js';
import type { ReleaseStanding } from '../releases/release.js';
import type { Found, FoundFolder } from './found.js';
import { inTime } from './in-time.js';
import type { Judged, JudgedFolder } from './judged.js';
import { isNamedBy, TOOL_TRAITS, type Tool, toolOf } from './tool.js';
import { readToolLog, type ToolLog } from './tool-log.js';

export interface JudgeOptions {
  /** Whether the units are up, so that the current release is healthy. */
  readonly isUp: boolean;
  /** What fleet has made itself. */
  readonly own: ReadonlySet<ReleaseId>;
  /** Releases of the tool that fleet knows already, so that they were current once. */
  readonly known: ReadonlySet<ReleaseId>;
  /** Also count as healthy what was complete before the current release, without a record that it ran. */
  readonly trustEarlier: boolean;
}

/**
 * What of a host's releases/ is a release, and in which state. Only a tool's own record, or `current`, shows that a
 * release ran; without one it is `staged`. A folder whose deploy may have been cut off is left alone.
 */
export function judgeFound(found: Found, options: JudgeOptions): Judged {
  const tool = toolOf(found);
  const log = readToolLog(found.records);
  const folders = found.folders
    .filter(({ id }) => !options.own.has(id))
    .toSorted((a, b) => inOrder(a.name, b.name, tool === 'deployer' ? log : new Map()));
  const last = folders.findLastIndex(({ id, current }) => current || options.known.has(id));
  const pending = found.records.find(({ of }) => of === 'pending')?.line ?? null;
  const facts = {
    tool,
    log,
    pending,
    hasRevisions: folders.some((each) => each.revision !== null),
  };
  const judged = folders.map((folder, index) => {
    const isLater = last !== -1 && index > last;
    return judge(folder, { ...facts, ...options, isLater });
  });
  const lock = found.records.find(({ of }) => of === 'lock')?.line ?? null;
  return { tool, lock, folders: inTime(folders, judged, log) };
}

interface Known extends JudgeOptions {
  readonly tool: Tool | null;
  readonly log: ToolLog;
  readonly pending: string | null;
  readonly hasRevisions: boolean;
  /** It comes after the last release that is known to have been current. */
  readonly isLater: boolean;
}

function judge(folder: FoundFolder, known: Known): JudgedFolder {
  const { id, name, revision, current } = folder;
  const verdict = standingOf(folder, known);
  if ('why' in verdict) return { kind: 'left', id, name, why: verdict.why };
  const entry = known.log.get(name);
  return {
    kind: 'release',
    id,
    name,
    commit: [revision, entry?.commit ?? null].find(isCommit) ?? null,
    deployedAt: '',
    isTimeKnown: false,
    by: entry?.by ?? null,
    standing: verdict.standing,
    current,
  };
}

type Verdict = { readonly standing: ReleaseStanding } | { readonly why: string };

function standingOf(folder: FoundFolder, known: Known): Verdict {
  const { tool, log, pending, hasRevisions } = known;
  if (folder.current) return { standing: known.isUp ? 'healthy' : 'staged' };
  if (folder.empty) return { why: 'it is empty' };
  if (tool === null) return { why: 'no tool that fleet knows has made it' };
  const { label } = TOOL_TRAITS[tool];
  if (folder.name === pending) return { why: `${label} has not finished it` };
  if (!isNamedBy(tool, folder) || (tool === 'deployer' && !log.has(folder.name))) {
    return { why: `${label} has not made it` };
  }
  if (hasRevisions && folder.revision === null) {
    return { why: 'it has no commit as the others have, so its deploy was cut off' };
  }
  if (folder.bad || log.get(folder.name)?.outcome === 'left') return { standing: 'bad' };
  return TOOL_TRAITS[tool].logsEnd && log.size > 0 ? byLog(folder, known) : byPlace(known);
}

/** The log may begin later than the releases do. */
function byLog({ name }: FoundFolder, { log, trustEarlier }: Known): Verdict {
  if (log.get(name)?.outcome === 'ran') return { standing: 'healthy' };
  const [first = name] = [...log.keys()].toSorted();
  if (name >= first) return { why: 'the log of its tool has no end of its deploy' };
  return { standing: trustEarlier ? 'healthy' : 'staged' };
}

function byPlace({ isLater, trustEarlier }: Known): Verdict {
  if (isLater)
    return { why: 'it is newer than the current release, and nothing shows that it ran' };
  return { standing: trustEarlier ? 'healthy' : 'staged' };
}

/** By a log, else by name; numbers by their value. */
function inOrder(a: string, b: string, log: ToolLog): number {
  const names = [...log.keys()];
  const apart = names.indexOf(a) - names.indexOf(b);
  if (apart !== 0) return apart;
  const bothNumbers = /^\d+$/.test(a) && /^\d+$/.test(b);
  if (bothNumbers && a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : Number(a > b);
}

const isCommit = (text: string | null): text is string =>
  text !== null && /^[0-9a-f]{7,64}$/.test(text);

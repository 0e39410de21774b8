import type { FoundRecord } from './found.js';

/** What a tool has written of one of its releases. Times are RFC 3339, UTC. */
export interface LogEntry {
  readonly at: string | null;
  readonly by: string | null;
  readonly commit: string | null;
  /** `began`: its deploy began. `ran`: it was finished. `left`: the tool rolled back from it. */
  readonly outcome: 'began' | 'ran' | 'left';
}

/** By the name of the release, in the order of the log. */
export type ToolLog = ReadonlyMap<string, LogEntry>;

/** Reads Capistrano's and Deployer's logs. A line that is not understood is ignored. */
export function readToolLog(records: readonly FoundRecord[]): ToolLog {
  const log = new Map<string, LogEntry>();
  let last: string | null = null;
  for (const { of, line } of records) {
    if (of === 'releases_log') noteDeployer(log, line);
    if (of === 'releases') noteOldDeployer(log, line);
    if (of === 'revisions') last = noteCapistrano(log, line, last);
  }
  return log;
}

type Writable = Map<string, LogEntry>;

const DEPLOYED = /^Branch (?:.*) \(at (\S+)\) deployed as release (\S+) by (.*)$/;
const ROLLED_BACK = /^(.*) rolled back to release (\S+)$/;
/** With a message of its own, a project has changed the words but hardly the name of the release. */
const NAMES_RELEASE = /(?<!\d)(\d{14})(?!\d)/;

/** Returns the release that was current after the line. */
function noteCapistrano(log: Writable, line: string, last: string | null): string | null {
  const back = ROLLED_BACK.exec(line)?.[2];
  if (back !== undefined) {
    const left = last === null || last === back ? undefined : log.get(last);
    if (last !== null && left !== undefined) log.set(last, { ...left, outcome: 'left' });
    const known = log.get(back) ?? { at: null, by: null, commit: null };
    log.set(back, { ...known, outcome: 'ran' });
    return back;
  }
  const [, commit = null, deployed = NAMES_RELEASE.exec(line)?.[1], by = null] =
    DEPLOYED.exec(line) ?? [];
  if (deployed === undefined) return last;
  log.delete(deployed);
  log.set(deployed, { at: null, by, commit, outcome: 'ran' });
  return deployed;
}

/** Since version 7: a line of JSON when a deploy begins. */
function noteDeployer(log: Writable, line: string): void {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return;
  }
  const name = textOf(value, 'release_name');
  if (name === null) return;
  const at = timeOf(textOf(value, 'created_at') ?? '');
  log.set(name, { at, by: textOf(value, 'user'), commit: null, outcome: 'began' });
}

/** Before version 7: `20210131120000,5`. */
function noteOldDeployer(log: Writable, line: string): void {
  const [, time = '', name] = /^(\d{14}),(.+)$/.exec(line) ?? [];
  if (name === undefined || log.has(name)) return;
  log.set(name, { at: stampTime(time), by: null, commit: null, outcome: 'began' });
}

function textOf(value: unknown, key: string): string | null {
  if (typeof value !== 'object' || value === null) return null;
  const found: unknown = Object.entries(value).find(([each]) => each === key)?.[1];
  if (typeof found === 'number') return String(found);
  return typeof found === 'string' && found !== '' ? found : null;
}

function timeOf(text: string): string | null {
  const time = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

/** The time in a name such as `20240131120000` or `20240131120000Z`; null if it has none. */
export function stampTime(name: string): string | null {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z?$/.exec(name);
  if (parts === null) return null;
  const [, year, month, day, hour, minute, second] = parts;
  return timeOf(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

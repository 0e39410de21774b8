import type { FoundFolder } from './found.js';
import type { Adoptable, JudgedFolder } from './judged.js';
import { stampTime, type ToolLog } from './tool-log.js';

/**
 * Gives each release its time: from its tool's log, else from its name, else from the file that was written with it. A
 * time that is missing, or is not after the one before, is one second after that: the order is the tool's, never that
 * of file times.
 */
export function inTime(
  folders: readonly FoundFolder[],
  judged: readonly JudgedFolder[],
  log: ToolLog,
): readonly JudgedFolder[] {
  let before = 0;
  return judged.map((each, index) => {
    const folder = folders[index];
    if (each.kind === 'left' || folder === undefined) return each;
    const found = timeOf(folder, log);
    const isTimeKnown = found !== null && found > before;
    before = isTimeKnown ? found : before + 1000;
    return { ...each, deployedAt: new Date(before).toISOString(), isTimeKnown } satisfies Adoptable;
  });
}

/** Milliseconds; null if nothing tells. */
function timeOf({ name, modified }: FoundFolder, log: ToolLog): number | null {
  const text = log.get(name)?.at ?? stampTime(name);
  if (text !== null) return Date.parse(text);
  return modified === null ? null : modified * 1000;
}

import * as z from 'zod';
import { EVENTS_VERSION, eventSchema, type FleetEvent } from '../../events/event.js';
import type { Plan } from '../../model/runs/plan.js';
import { type Newer, upgradeEvent } from './journal-upgrade.js';

/** What the lines of a journal hold. */
export interface JournalLines {
  readonly events: readonly FleetEvent[];
  readonly damagedLines: number;
  readonly ended: boolean;
  /** The version of a stream in it that only a newer fleet can read; null if this one can read all. */
  readonly newer: Newer | null;
}

const lineShape = z.looseObject({ type: z.string() });
/** All that is required of a head before its version is known. */
const headShape = z.looseObject({ type: z.literal('stream-started'), schemaVersion: z.int() });
const event = eventSchema();

/**
 * Reads the lines of a journal, whichever fleet wrote them. Each controller of a run has added a stream
 * of its own, with a head that says its version. Lines before the first head are version 1.
 */
export function readLines(lines: readonly string[], plan: Plan | null): JournalLines {
  const events: FleetEvent[] = [];
  let version = 1;
  let newest = 1;
  let type = '';
  for (const [index, text] of lines.entries()) {
    const line = lineShape.safeParse(parseJson(text)).data;
    if (line === undefined) continue;
    const head = headShape.safeParse(line).data;
    version = head?.schemaVersion ?? version;
    newest = Math.max(newest, version);
    type = line.type;
    if (version > EVENTS_VERSION) continue;
    const current = upgradeEvent(line, { version, seq: index, plan });
    const read = event.safeParse(current).data;
    if (read !== undefined) events.push(read);
  }
  const known = EVENTS_VERSION;
  const newer = newest > known ? { version: newest, known } : null;
  // In every version, the last line of a run that has ended says so.
  const ended = (newer === null ? events.at(-1)?.type : type) === 'run-ended';
  return { events, damagedLines: lines.length - events.length, ended, newer };
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

import { safeJson } from '../../errors/unicode-escape.js';
import { createLogLines } from '../../events/log-line.js';
import type { PlanView } from '../../model/runs/plan-view.js';
import type { TelemetryReader } from '../reader.js';
import { openAppendFile } from './append-file.js';

/** How long lines are gathered before they are written, in milliseconds. */
const GATHER_MS = 100;

export interface LogFileOptions {
  readonly file: string;
  /** The plan of a run that another process began, of which only the end is to come. */
  readonly begun: PlanView | null;
  readonly warn: (message: string) => void;
}

/** Adds the events of a run to a file, one JSON object a line, in characters that no terminal acts on. */
export function openLogFile({ file, begun, warn }: LogFileOptions): TelemetryReader {
  const lineOf = createLogLines(begun);
  // A warning is an event, and would be a line of this log.
  let told: readonly string[] = [];
  const log = openAppendFile(file, (message) => {
    told = [...told, message];
  });
  let gathered = '';
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const lines = gathered;
    gathered = '';
    if (lines !== '') log.append(lines);
    const messages = told;
    told = [];
    for (const message of messages) warn(message);
  };

  return {
    listener(event) {
      const line = lineOf(event);
      if (line === null) return;
      gathered += `${safeJson(line)}\n`;
      timer ??= setTimeout(flush, GATHER_MS);
    },
    async close() {
      flush();
      log.close();
    },
  };
}

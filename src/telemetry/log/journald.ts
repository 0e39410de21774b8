import { fstatSync } from 'node:fs';
import { printableLine } from '../../errors/printable.js';
import { asciiJson } from '../../errors/unicode-escape.js';
import type { FleetEvent } from '../../events/event.js';
import { createLogLines, type Level, type LogLine } from '../../events/log-line.js';
import type { PlanView } from '../../model/runs/plan-view.js';
import { stopText } from '../../model/runs/run-words.js';
import type { TelemetryReader } from '../reader.js';

/** The priorities of syslog, which journald reads from the front of a line. */
const PRIORITIES: Readonly<Record<Level, number>> = {
  err: 3,
  warning: 4,
  notice: 5,
  info: 6,
  debug: 7,
};

/** Whether stderr goes to the journal, as systemd tells its services. */
export function isJournal(stream: string | undefined, descriptor = 2): boolean {
  if (stream === undefined || stream === '') return false;
  try {
    const { dev, ino } = fstatSync(descriptor);
    return stream === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

/** Writes a line with its priority for each event that decides something, between the lines for people. */
export function createJournalReader(
  write: (text: string) => void,
  begun: PlanView | null,
): TelemetryReader {
  const lineOf = createLogLines(begun);
  return {
    listener(event) {
      const line = lineOf(event);
      const text = line === null ? null : journalLine(line);
      if (text !== null) write(`${text}\n`);
    },
  };
}

/** `<3>host-stage run=… host=… stage=failed from=… to=… by=… why=…`; null for an event that decides nothing. */
export function journalLine(line: LogLine): string | null {
  const { about, level } = line;
  if (about === undefined) return null;
  const pairs = {
    run: line.run,
    ...factsOf(line),
    app: about.app,
    group: about.group,
    kind: about.kind,
    from: about.from,
    to: about.to,
    by: about.operator,
  };
  const words = Object.entries(pairs).flatMap(([name, value]) =>
    value == null ? [] : [`${name}=${quoted(printableLine(String(value)))}`],
  );
  return `<${PRIORITIES[level]}>fleet ${line.type} ${words.join(' ')}`;
}

type Facts = Readonly<Record<string, string | number | null | undefined>>;

function factsOf(event: FleetEvent): Facts {
  switch (event.type) {
    case 'host-stage':
      return { host: event.host, stage: event.stage, why: event.failure?.message };
    case 'run-ended':
      return { state: event.state, exit: event.exitCode, hosts: event.hosts.length };
    case 'stopped':
      return { why: stopText(event.reason) };
    case 'gate-judged':
      return { wave: event.wave + 1, verdict: event.verdict };
    case 'paused':
      return { wave: event.wave + 1, why: event.why.kind };
    case 'pause-asked':
    case 'resumed':
      return { asked_by: event.by, why: event.reason };
    case 'run-started':
      return { hosts: event.plan.hosts.length, why: event.plan.reason };
    case 'backup-restored':
      return { host: event.host, backup: event.backup };
    case 'hook-settled':
      return { turn: event.turn, how: event.how, asked_by: event.by };
    default:
      return {};
  }
}

const quoted = (value: string): string =>
  /^[A-Za-z0-9_.:@/+,-]+$/.test(value) ? value : asciiJson(JSON.stringify(value));

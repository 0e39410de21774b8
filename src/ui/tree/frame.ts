import { printableLine } from '../../errors/printable.js';
import { waveName } from '../../model/runs/run-words.js';
import { countText } from '../../model/text/count-text.js';
import { groupBy } from '../../model/text/group-by.js';
import { namesText } from '../../model/text/name-ranges.js';
import type { Style } from '../terminal/style.js';
import { displayWidth, padEnd, truncate } from '../terminal/width.js';
import { clockText, elapsedText } from '../text/format.js';
import { endText, failureText, kindTitle, phaseTitle, stageText } from '../text/labels.js';
import { type PhaseRow, phaseLine } from '../view/phase-row.js';
import { bar, countsText } from '../view/progress.js';
import type { HostView, View } from '../view/view.js';

export interface FrameLook {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The frame has at most this many columns and lines. */
  readonly width: number;
  readonly height: number;
  readonly style: Style;
  /** The last frame, which stays. It omits what matters only while the run goes on. */
  readonly final: boolean;
  /** Whether a summary below the last frame shows the failures in full. */
  readonly summaryFollows: boolean;
}

/**
 * What the screen shows now: header, failures, phases, and the hosts that take longest. It fits the
 * width and the height with any number of hosts.
 */
export function frameOf(view: View, rows: readonly PhaseRow[], look: FrameLook): readonly string[] {
  const head = headerLines(view, look);
  const failures = isShownBelow(view, look) ? [] : failureRows(view, look);
  const phases = rows.map((row) => phaseLine(row, view, { ...look, titleWidth: TITLE_WIDTH }));
  const running = look.final ? [] : runningRows(view, look);
  const room = share(look.height - head.length, {
    failures: failures.length,
    phases: phases.length,
    running: running.length,
  });
  const sections = [
    head,
    foldTail(failures, room.failures, look.style),
    foldPhases(phases, rows, { room: room.phases, style: look.style }),
    running.slice(0, room.running),
  ].filter((section) => section.length > 0);
  const lines = spaced(sections, look.height);
  return lines
    .slice(0, look.height)
    .map((line) => truncate(line, look.width, look.style.symbols.ellipsis.slice(0, 1)));
}

/** By the summary; or by the refusal, if every host has answered and no run starts. */
function isShownBelow({ header, preflight }: View, look: FrameLook): boolean {
  if (!look.final) return false;
  if (header !== null) return look.summaryFollows;
  return preflight !== null && preflight.answered === preflight.hosts.length;
}

const TITLE_WIDTH = displayWidth(phaseTitle('wave', 0));
const MOST_RUNNING = 10;
const MOST_FAILURES = 12;

function headerLines(view: View, look: FrameLook): readonly string[] {
  const { style, width } = look;
  const clock = clockText((view.end?.endedAt ?? look.now) - (view.startedAt ?? look.now));
  const { header } = view;
  if (header === null) {
    const title = style.bold(`Checking ${countText(view.preflight?.hosts.length ?? 0, 'host')}`);
    return [spread(title, clock, width)];
  }
  const total = view.hosts.size;
  const title = style.bold(
    `${kindTitle(header.kind)} ${header.app} ${style.symbols.arrow} ${header.group}`,
  );
  const detail = ` ${header.release} ${style.symbols.dot} ${countText(total, 'host')}`;
  const barWidth = Math.max(10, Math.min(40, Math.floor(width / 4)));
  const counts =
    view.end === null
      ? countsText(view.counts, style)
      : style.bold(endText(view.end.state, view.end.exitCode));
  return [
    spread(title + style.dim(printableLine(` ${detail}`).padStart(detail.length)), clock, width),
    `${bar(view.counts, total, { width: barWidth, style })} ${counts}`,
  ];
}

/** `left` and `right` at the two ends of a line; `right` is never cut. */
function spread(left: string, right: string, width: number): string {
  const room = Math.max(0, width - displayWidth(right) - 1);
  return `${padEnd(truncate(left, room), room)} ${right}`;
}

/** One line for each reason, with all its hosts, in the order of the first failures. */
function failureRows(view: View, look: FrameLook): readonly string[] {
  const { style } = look;
  return groupBy([...view.failed.values()], reasonText).map((hosts) => {
    const [{ wave }] = hosts;
    const names = namesText(
      hosts.slice(0, 200).map((host) => host.name),
      Math.floor(look.width / 3),
    );
    const more = hosts.length > 200 ? ` (${hosts.length} hosts)` : '';
    const where = wave === null ? '' : style.dim(`(${waveName(wave)}) `);
    return `${style.red(`${style.symbols.failed} ${names}${more}`)}  ${where}${reasonText(hosts[0])}`;
  });
}

const reasonText = ({ failure, stage }: HostView): string =>
  failure === null ? stageText(stage) : failureText(failure);

function runningRows(view: View, look: FrameLook): readonly string[] {
  const { style } = look;
  const slowest: HostView[] = [];
  for (const host of view.running.values()) {
    if (slowest.push(host) === MOST_RUNNING) break;
  }
  const nameWidth = Math.min(
    Math.floor(look.width * 0.4),
    Math.max(0, ...slowest.map((host) => displayWidth(host.name))),
  );
  return slowest.map((host) => {
    const name = padEnd(truncate(host.name, nameWidth, style.symbols.ellipsis), nameWidth);
    const time = elapsedText(look.now - host.since).padStart(6);
    const note = host.note === null ? '' : style.dim(printableLine(host.note));
    return `  ${name}  ${padEnd(style.cyan(host.stage), 10)} ${time}  ${note}`.trimEnd();
  });
}

interface Lengths {
  readonly failures: number;
  readonly phases: number;
  readonly running: number;
}

/** Lines for each section: failures get a third, phases half, hosts the rest. */
function share(height: number, needed: Lengths): Lengths {
  const room = Math.max(0, height);
  const third = Math.max(Math.min(1, room), Math.floor(room / 3));
  const failures = Math.min(needed.failures, MOST_FAILURES, third);
  const spare = room - failures;
  const running = Math.min(needed.running, Math.max(Math.floor(spare / 3), spare - needed.phases));
  const phases = Math.min(needed.phases, spare - running);
  const left = spare - running - phases;
  return {
    failures: Math.min(needed.failures, MOST_FAILURES, failures + left),
    phases,
    running,
  };
}

function foldTail(lines: readonly string[], room: number, style: Style): readonly string[] {
  if (lines.length <= room) return lines;
  if (room < 2) return lines.slice(0, room);
  const hidden = lines.length - room + 1;
  return [...lines.slice(0, room - 1), style.red(`  and ${countText(hidden, 'more reason')}`)];
}

/** Keeps the running phase in sight, with finished ones before it. */
function foldPhases(
  lines: readonly string[],
  rows: readonly PhaseRow[],
  look: { readonly room: number; readonly style: Style },
): readonly string[] {
  const { room, style } = look;
  if (lines.length <= room) return lines;
  const active = rows.findLastIndex((row) => row.state !== 'waiting' && row.state !== 'skipped');
  if (room < 3) return lines.slice(Math.max(0, active), Math.max(0, active) + room);
  const first = Math.max(0, Math.min(active - room + 3, lines.length - room + 1));
  const head = first > 0 ? [style.dim(`  ${first} before`)] : [];
  const size = room - head.length;
  const rest = lines.length - first;
  if (rest <= size) return [...head, ...lines.slice(first)];
  const shown = lines.slice(first, first + size - 1);
  return [...head, ...shown, style.dim(`  ${rest - shown.length} to come`)];
}

/** Sections with an empty line between them, where the height allows it. */
function spaced(sections: readonly (readonly string[])[], height: number): readonly string[] {
  const total = sections.reduce((sum, section) => sum + section.length, 0);
  const roomy = total + sections.length - 1 <= height;
  return sections.flatMap((section, i) => (i > 0 && roomy ? ['', ...section] : section));
}

import { EXIT } from '../../errors/codes.js';
import type { HostResult } from '../../model/runs/run.js';
import { stopText } from '../../model/runs/run-words.js';
import { countText } from '../../model/text/count-text.js';
import { groupBy } from '../../model/text/group-by.js';
import { namesText } from '../../model/text/name-ranges.js';
import type { Style } from '../terminal/style.js';
import { displayWidth, padEnd } from '../terminal/width.js';
import { failureBlock, failureKey } from '../text/failure.js';
import { durationText } from '../text/format.js';
import { capitalised, endText, kindTitle } from '../text/labels.js';
import { type ReleaseHosts, releasesByHost } from '../view/releases-by-host.js';
import type { RunEnd, RunHeader, View } from '../view/view.js';
import { NOTHING_TYPED, nextCommands, type TypedFlags } from './next-commands.js';

/**
 * What is shown when a run has ended: how, why, every failure with its evidence, which hosts have
 * which release, and what to type next. Empty for a run that did not start or has not ended.
 */
export function summaryLines(
  view: View,
  style: Style,
  typed: TypedFlags = NOTHING_TYPED,
): readonly string[] {
  const { header, end } = view;
  if (header === null || end === null) return [];
  const sections = [
    [headline(header, end, style), ...whyLines(view)],
    ...view.failedHooks.map(({ title, failure }) => failureBlock(title, failure, style)),
    ...failureSections(end.hosts, style),
    holdingLines(releasesByHost(end.hosts), style),
    nextCommands(header, end, typed).map((next) => `${next.why}: ${style.cyan(next.command)}`),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]));
}

function headline(header: RunHeader, end: RunEnd, style: Style): string {
  const { symbols } = style;
  const what = `${kindTitle(header.kind)} of ${header.app} to ${header.group}`;
  const text = `${what}: ${endText(end.state, end.exitCode)}`;
  switch (end.exitCode) {
    case EXIT.ok:
      return style.green(`${symbols.ok} ${text}`);
    case EXIT.partial:
      return style.yellow(`${symbols.warning} ${text}`);
    case EXIT.internal:
    case EXIT.refused:
    case EXIT.failed:
    case EXIT.mixed:
    case EXIT.incomplete:
    case EXIT.locked:
    case EXIT.paused:
    case EXIT.preflight:
    case EXIT.awaiting:
    case EXIT.interrupted:
      return style.red(`${symbols.failed} ${text}`);
  }
}

function whyLines({ header, end, stop }: View): readonly string[] {
  const time = end === null ? 0 : end.endedAt - end.startedAt;
  const size = `${countText(end?.hosts.length ?? 0, 'host')}, ${durationText(time)}`;
  return [
    `  Release ${header?.release}, ${size}.`,
    ...(stop === null ? [] : [`  ${capitalised(stopText(stop))}.`]),
  ];
}

/** One block for each failure. Hosts that failed in the same way are named under the first. */
function failureSections(
  results: readonly HostResult[],
  style: Style,
): readonly (readonly string[])[] {
  const failed = results.flatMap(({ host, error }) =>
    error === undefined ? [] : [{ host, error }],
  );
  return groupBy(failed, ({ error }) => failureKey(error)).map(([first, ...others]) => {
    const block = failureBlock(first.host, first.error, style);
    if (others.length === 0) return block;
    const names = others.map(({ host }) => host);
    const same = `  same on ${countText(others.length, 'other')}: ${namesText(names, 200)}`;
    return [...block, same];
  });
}

function holdingLines(holdings: readonly ReleaseHosts[], style: Style): readonly string[] {
  const [only] = holdings;
  if (holdings.length === 1 && only?.kind === 'new') return [];
  const width = Math.max(...holdings.map((held) => displayWidth(held.what)));
  const digits = Math.max(...holdings.map((held) => String(held.hosts.length).length));
  return holdings.map((held) => {
    const what = padEnd(held.what, width);
    const count = String(held.hosts.length).padStart(digits);
    const painted = held.kind === 'broken' ? style.red(what) : what;
    return `  ${painted}  ${count}  ${namesText(held.hosts, 200)}`;
  });
}

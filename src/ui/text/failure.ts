import type { HostFailure } from '../../errors/host-failure.js';
import { printable, printableLine } from '../../errors/printable.js';
import type { Style } from '../terminal/style.js';
import { stepText } from './labels.js';

/** How many lines of a host's output are shown; the last ones give the reason. */
const SHOWN_LINES = 10;

/**
 * What a person needs to know about one failed host: the step and how it ended, the message, the last
 * lines of stderr and of the unit's journal, and what to do. `title` names the host or hosts.
 */
export function failureBlock(title: string, failure: HostFailure, style: Style): readonly string[] {
  const step = stepText(failure);
  const [first = '', ...rest] = printable(failure.message).trim().split('\n');
  const head = `${style.red(`${style.symbols.failed} ${title}`)}  ${step === '' ? first : `${step}: ${first}`}`;
  return [
    head.trimEnd(),
    ...rest.map((line) => `  ${line}`),
    ...quoted(isOfHook(failure) ? 'output' : 'stderr', failure.stderr, style),
    ...quoted(JOURNAL_LABELS[failure.journalOf ?? 'journal'], failure.journal, style),
    ...(failure.hint === undefined ? [] : [`  ${style.cyan(printableLine(failure.hint))}`]),
  ];
}

/** What a hook prints to stdout and to stderr is kept together. */
const isOfHook = ({ code }: HostFailure): boolean =>
  code === 'hook_failed' || code === 'hook_interrupted';

const JOURNAL_LABELS = {
  journal: 'journal',
  status: 'systemctl status (this login cannot read the journal)',
} as const;

/**
 * A key that is equal for equal failures: code, step, exit and message. Their output may differ, e.g.
 * in a process id or a time.
 */
export function failureKey(failure: HostFailure): string {
  const { code, step, exit, message } = failure;
  return JSON.stringify([code, step, exit, message]);
}

function quoted(
  label: string,
  lines: readonly string[] | undefined,
  style: Style,
): readonly string[] {
  const all = (lines ?? [])
    .flatMap((line) => printable(line).split('\n'))
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  if (all.length === 0) return [];
  const mark = style.dim(style.symbols.quote);
  return [
    `  ${style.dim(`${label}:`)}`,
    ...all.slice(-SHOWN_LINES).map((line) => `  ${mark} ${line}`),
  ];
}

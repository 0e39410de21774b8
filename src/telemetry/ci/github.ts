import { printableLine, shortLine } from '../../errors/printable.js';
import { stopText } from '../../model/runs/run-words.js';
import { countText } from '../../model/text/count-text.js';
import { formatDuration } from '../../model/text/duration.js';
import { type HostReport, isGood, isSuccess, type RunReport } from '../run-report.js';

/** GitHub drops the summary of a step that is larger than 1 MiB as a whole; earlier steps of a command share it. */
const MOST_BYTES = 900 * 1024;
/** GitHub shows ten annotations of a kind a step. */
const MOST_ERRORS = 10;
const LONGEST_WHY = 300;
/** More hosts are folded. */
const FEW_HOSTS = 20;

/** The run as Markdown, for the summary of a job. `room`: how many bytes may be added. */
export function summaryMarkdown(report: RunReport, room = MOST_BYTES): string {
  const { plan, state, hosts, stop, startedAt, endedAt } = report;
  const good = hosts.filter(isGood).length;
  const sign = isSuccess(state) ? '✅' : '❌';
  const took = formatDuration(secondsOf(startedAt, endedAt));
  const head = [
    `### ${sign} ${cell(`${plan.kind} of ${plan.app} to ${plan.group}: ${stateWord(state)}`)}`,
    '',
    '| | |',
    '| --- | --- |',
    row('release', `${plan.release.id} (${plan.release.version})`),
    ...(plan.release.commit === null ? [] : [row('commit', plan.release.commit)]),
    row('run', plan.run),
    row('by', plan.operator),
    ...(plan.reason === null ? [] : [row('reason', plan.reason)]),
    row('hosts', `${good} of ${countText(hosts.length, 'host')} as asked for`),
    row('took', took),
    ...(stop === null ? [] : [row('stopped', stopText(stop, LONGEST_WHY))]),
    '',
  ];
  const failed = hosts.filter((host) => !isGood(host));
  const rest = hosts.filter(isGood);
  const parts = [
    ...table('Hosts that are not as asked for', failed, failed.length > FEW_HOSTS),
    ...table(`${countText(rest.length, 'host')} as asked for`, rest, true),
  ];
  return cutLines([...head, ...parts], room);
}

function table(title: string, hosts: readonly HostReport[], isFolded: boolean): readonly string[] {
  if (hosts.length === 0) return [];
  const rows = [
    '| host | state | wave | from | to | why |',
    '| --- | --- | --- | --- | --- | --- |',
    ...hosts.map(({ host, state, wave, from, to, failure }) =>
      [
        '',
        cell(host),
        state,
        wave === null ? '' : wave + 1,
        cell(from ?? ''),
        cell(to ?? ''),
        `${cell(shortLine(failure?.message ?? '', LONGEST_WHY))} |`,
      ]
        .join(' | ')
        .trimStart(),
    ),
    '',
  ];
  if (!isFolded) return [`**${title}**`, '', ...rows];
  return ['<details>', `<summary>${title}</summary>`, '', ...rows, '</details>', ''];
}

const row = (name: string, value: string): string => `| ${name} | ${cell(value)} |`;

/** One cell: a text of a host is no Markdown, no HTML, no link and no mention. */
const cell = (text: string): string =>
  printableLine(text)
    .replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? '')
    .replace(/[\\`*_{}[\]()#+!|~$:-]/g, '\\$&')
    .replaceAll('@', '@\u2060');

/** Whole lines only; the fold is closed. */
function cutLines(lines: readonly string[], room: number): string {
  const most = Math.min(room, MOST_BYTES) - 200;
  let bytes = 0;
  const kept = lines.slice(
    0,
    lines.findIndex((line) => {
      bytes += Buffer.byteLength(line) + 1;
      return bytes > most;
    }) >>> 0,
  );
  if (kept.length === lines.length) return `${lines.join('\n')}\n`;
  const isOpen = kept.lastIndexOf('<details>') > kept.lastIndexOf('</details>');
  const left = lines.length - kept.length;
  return `${[...kept, '', ...(isOpen ? ['</details>', ''] : []), `and ${left} more lines`].join('\n')}\n`;
}

/** `::error` lines: the run, then its failed hosts, at most ten. */
export function annotations(report: RunReport): readonly string[] {
  const { plan, state, hosts, stop } = report;
  if (isSuccess(state)) return [];
  const of = `${plan.kind} of ${plan.app} to ${plan.group}`;
  const why = stop === null ? '' : `: ${stopText(stop, LONGEST_WHY)}`;
  const failed = hosts.filter((host) => host.failure !== null && !isGood(host));
  const shown = failed.length < MOST_ERRORS ? failed : failed.slice(0, MOST_ERRORS - 2);
  const more = failed.length - shown.length;
  return [
    annotation('fleet', `${of}: ${stateWord(state)}${why}`),
    ...shown.map(({ host, failure }) =>
      annotation(`fleet: ${host}`, shortLine(failure?.message ?? '', LONGEST_WHY)),
    ),
    ...(more === 0 ? [] : [annotation('fleet', `and ${more} more failed hosts`)]),
  ];
}

const annotation = (title: string, message: string): string =>
  `::error title=${escaped(title).replaceAll(':', '%3A').replaceAll(',', '%2C')}::${escaped(message)}`;

const escaped = (text: string): string =>
  printableLine(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const stateWord = (state: RunReport['state']): string =>
  (state ?? 'unfinished').replaceAll('_', ' ');

/** In whole seconds, which is what people compare. */
const secondsOf = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / 1000) * 1000;

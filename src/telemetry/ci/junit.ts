import { printable } from '../../errors/printable.js';
import { waveName } from '../../model/runs/run-words.js';
import { groupBy } from '../../model/text/group-by.js';
import { type HostReport, isGood, type RunReport } from '../run-report.js';

/** A run as JUnit XML: a suite a wave, a case a host. */
export function junitXml(report: RunReport): string {
  const { plan, hosts, startedAt, endedAt } = report;
  const suites = groupBy(hosts, ({ wave }) => String(wave ?? '')).map((group) =>
    suiteXml(report, group),
  );
  const all = suites.length === 0 ? [suiteXml(report, [])] : suites;
  const head = attributes({
    name: `fleet ${plan.kind} ${plan.app} ${plan.group}`,
    ...totals(report, hosts),
    time: seconds(Date.parse(endedAt) - Date.parse(startedAt)),
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${head}>\n${all.join('')}</testsuites>\n`;
}

function suiteXml(report: RunReport, hosts: readonly HostReport[]): string {
  const { plan, startedAt } = report;
  const wave = hosts[0]?.wave ?? null;
  const head = attributes({
    name: wave === null ? 'no wave' : waveName(wave),
    ...totals(report, hosts),
    time: seconds(hosts.reduce((sum, { ms }) => sum + ms, 0)),
    timestamp: startedAt.replace(/(\.\d+)?Z$/, ''),
    hostname: plan.operator,
  });
  const properties = {
    'fleet.run': plan.run,
    'fleet.state': report.state ?? 'unfinished',
    'fleet.release': plan.release.id,
    'fleet.version': plan.release.version,
    'fleet.commit': plan.release.commit ?? '',
    'fleet.operator': plan.operator,
  };
  return [
    `  <testsuite ${head}>\n    <properties>\n`,
    ...Object.entries(properties).map(
      ([name, value]) => `      <property ${attributes({ name, value })}/>\n`,
    ),
    '    </properties>\n',
    ...hosts.map((host) => caseXml(report, host)),
    '  </testsuite>\n',
  ].join('');
}

function caseXml({ plan, state }: RunReport, host: HostReport): string {
  const wave = host.wave === null ? 'no wave' : waveName(host.wave);
  const head = attributes({
    name: host.host,
    classname: `${plan.app}.${plan.group}.${wave}`,
    time: seconds(host.ms),
  });
  const found = outcomeXml(host, state === null);
  return found === '' ? `    <testcase ${head}/>\n` : `    <testcase ${head}>${found}</testcase>\n`;
}

function outcomeXml(host: HostReport, isUnfinished: boolean): string {
  const { failure, state } = host;
  if (isGood(host)) return '';
  if (failure === null && isLeftOut(host) && !isUnfinished) {
    return `<skipped ${attributes({ message: state })}/>`;
  }
  const why = failure?.message ?? `the host is ${state}`;
  const head = attributes({ message: why, type: failure?.code ?? state });
  const lines = [
    why,
    ...(failure?.stderr ?? []),
    ...(failure?.journal ?? []),
    ...(failure?.hint === undefined ? [] : [`hint: ${failure.hint}`]),
  ];
  return `<failure ${head}>${escapeXml(lines.join('\n'))}</failure>`;
}

const LEFT_OUT: ReadonlySet<string> = new Set(['skipped', 'waiting', 'claimed', 'staged']);

/** The run did nothing to what it serves. */
const isLeftOut = ({ state }: HostReport): boolean => LEFT_OUT.has(state);

function totals({ state }: RunReport, hosts: readonly HostReport[]) {
  const outcomes = hosts.map((host) => outcomeXml(host, state === null));
  return {
    tests: hosts.length,
    failures: outcomes.filter((xml) => xml.startsWith('<failure')).length,
    errors: 0,
    skipped: outcomes.filter((xml) => xml.startsWith('<skipped')).length,
  };
}

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}="${escapeXml(String(value)).replaceAll('\n', '&#10;')}"`)
    .join(' ');

const seconds = (ms: number): string => (Math.max(0, ms) / 1000).toFixed(3);

const NAMES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** XML 1.0 has no control characters but these of lines, and no U+FFFE or U+FFFF. */
function escapeXml(text: string): string {
  return printable(text)
    .replace(/[\ufffe\uffff]/g, '')
    .replace(/[&<>"]/g, (sign) => NAMES[sign] ?? '');
}

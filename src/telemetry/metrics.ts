import { createHash } from 'node:crypto';
import { printableLine } from '../errors/printable.js';
import type { PlanView } from '../model/runs/plan-view.js';
import { HOST_RESULT_STATES, RUN_STATES } from '../model/runs/run.js';
import { countStates, isSuccess, type RunReport } from './run-report.js';

const METRICS = {
  fleet_run_last_timestamp_seconds: 'When the last run of this kind ended.',
  fleet_run_last_success_timestamp_seconds: 'When the last run of this kind ended that succeeded.',
  fleet_run_last_duration_seconds: 'How long the last run took.',
  fleet_run_last_state: 'How the last run ended: 1 for its state, 0 for the others.',
  fleet_run_last_hosts: 'How many hosts of the last run are in each state.',
  fleet_release_info: 'The release that the last run that succeeded brought.',
} as const;

type Metric = keyof typeof METRICS;

interface Sample {
  readonly metric: Metric;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * The metrics of an app and a group after a run, in the text format of Prometheus. `before` is what the file had: what
 * this run says nothing of stays.
 */
export function metricsText(report: RunReport, before: string): string {
  const fresh = samplesOf(report);
  const lines = new Map(fresh.map((sample) => [keyOf(sample), lineOf(sample)]));
  const isReplaced = new Set(
    fresh.map(({ metric }) => metric).filter((metric) => !KEPT.has(metric)),
  );
  for (const [key, line] of keptLines(before)) {
    const metric = key.slice(0, key.indexOf('{')) as Metric;
    if (!isReplaced.has(metric) && !lines.has(key)) lines.set(key, line);
  }
  return Object.entries(METRICS)
    .map(([metric, help]) => {
      const own = [...lines].filter(([key]) => key.startsWith(`${metric}{`));
      if (own.length === 0) return '';
      const head = `# HELP ${metric} ${help}\n# TYPE ${metric} gauge\n`;
      return `${head}${own.map(([, line]) => `${line}\n`).join('')}`;
    })
    .join('');
}

/** One sample a kind of run, which outlives runs of another kind. */
const KEPT: ReadonlySet<Metric> = new Set([
  'fleet_run_last_timestamp_seconds',
  'fleet_run_last_success_timestamp_seconds',
]);

/** Of names that this fleet knows. */
function keptLines(before: string): readonly (readonly [string, string])[] {
  return before.split('\n').flatMap((line) => {
    const key = /^([a-z_]+)\{.*\}(?= [0-9.e+]+$)/.exec(line)?.[0];
    const metric = key?.slice(0, key.indexOf('{'));
    return key === undefined || metric === undefined || !(metric in METRICS) ? [] : [[key, line]];
  });
}

function samplesOf(report: RunReport): readonly Sample[] {
  const { plan, state, startedAt, endedAt, hosts } = report;
  const of = { app: plan.app, group: plan.group };
  const ended = Math.round(Date.parse(endedAt) / 1000);
  const duration = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
  const counts = countStates(hosts);
  const { id, version, commit } = plan.release;
  const success: readonly Sample[] = [
    {
      metric: 'fleet_run_last_success_timestamp_seconds',
      labels: { ...of, kind: plan.kind },
      value: ended,
    },
    {
      metric: 'fleet_release_info',
      labels: { ...of, release: id, version, commit: commit ?? '' },
      value: 1,
    },
  ];
  return [
    {
      metric: 'fleet_run_last_timestamp_seconds',
      labels: { ...of, kind: plan.kind },
      value: ended,
    },
    { metric: 'fleet_run_last_duration_seconds', labels: of, value: Math.max(0, duration) },
    ...RUN_STATES.map((each) => ({
      metric: 'fleet_run_last_state' as const,
      labels: { ...of, state: each },
      value: each === state ? 1 : 0,
    })),
    ...HOST_RESULT_STATES.map((each) => ({
      metric: 'fleet_run_last_hosts' as const,
      labels: { ...of, state: each },
      value: counts.get(each) ?? 0,
    })),
    ...(isSuccess(state) ? success : []),
  ];
}

const keyOf = ({ metric, labels }: Sample): string =>
  `${metric}{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')}}`;

const lineOf = (sample: Sample): string => `${keyOf(sample)} ${sample.value}`;

const escaped = (value: string): string =>
  printableLine(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"');

/** `fleet_shop_prod.prom`; a name that holds more than letters, digits, dots and dashes gets a digest behind it. */
export function metricsFileName({ app, group }: Pick<PlanView, 'app' | 'group'>): string {
  const plain = `${app}_${group}`.replace(/[^A-Za-z0-9.-]/g, '_');
  const isPlain = plain === `${app}_${group}` && !`${app}${group}`.includes('_');
  if (isPlain && plain.length <= LONGEST_NAME) return `fleet_${plain}.prom`;
  const digest = createHash('sha256')
    .update(JSON.stringify([app, group]))
    .digest('hex');
  return `fleet_${plain.slice(0, LONGEST_NAME)}_${digest.slice(0, 8)}.prom`;
}

const LONGEST_NAME = 120;

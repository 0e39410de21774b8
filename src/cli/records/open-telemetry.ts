import { planView } from '../../model/runs/plan-view.js';
import { isJournal } from '../../telemetry/log/journald.js';
import type { TelemetryReader } from '../../telemetry/reader.js';
import type { Context } from '../context/context.js';
import { VERSION } from '../context/version.js';
import type { TelemetryRequest, Wanted } from './telemetry-request.js';

/** The readers that are wanted, each loaded by itself. */
export async function openTelemetry(
  context: Context,
  { plan, run, warn }: TelemetryRequest,
  wanted: Wanted,
): Promise<readonly TelemetryReader[]> {
  const begun = run === 'died' ? planView(plan) : null;
  const readers: TelemetryReader[] = [];
  if (wanted.logFile !== null) {
    const { openLogFile } = await import('../../telemetry/log/log-file.js');
    readers.push(openLogFile({ file: wanted.logFile, begun, warn }));
  }
  if (wanted.journal && isJournal(context.env.JOURNAL_STREAM)) {
    const { createJournalReader } = await import('../../telemetry/log/journald.js');
    readers.push(createJournalReader((text) => context.stderr.write(text), begun));
  }
  if (wanted.metricsDir !== null || run === 'begins') {
    const { metricsDir, junit, dotenv, github } = wanted;
    const { createReportReader } = await import('../../telemetry/report-reader.js');
    const ci = run === 'begins' ? { junit, dotenv, github: github ? context.env : null } : {};
    const say = (line: string): void => void context.stderr.write(`${line}\n`);
    readers.push(createReportReader({ metricsDir, ...ci, begun, warn, say }));
  }
  if (wanted.otel && run === 'begins') readers.push(...(await otelOf(context, plan.run, warn)));
  return readers;
}

async function otelOf(
  { env, processMark }: Context,
  run: string,
  warn: (message: string) => void,
): Promise<readonly TelemetryReader[]> {
  const { readOtel } = await import('../../telemetry/otel/settings.js');
  const asked = readOtel(env);
  if (asked.kind === 'refused') warn(asked.why);
  if (asked.kind !== 'on') return [];
  const { traceOf } = await import('../../telemetry/otel/trace.js');
  const trace = traceOf(env, run, processMark);
  if (!trace.isSampled) return [];
  const { createOtelReader } = await import('../../telemetry/otel/reader.js');
  return [createOtelReader({ settings: asked.settings, trace, version: VERSION, warn })];
}

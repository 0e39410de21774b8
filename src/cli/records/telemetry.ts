import { resolve } from 'node:path';
import type { TelemetryReader } from '../../telemetry/reader.js';
import type { Context } from '../context/context.js';
import type { TelemetryFiles, TelemetryRequest, Wanted } from './telemetry-request.js';

/** The readers that a person, a CI system or this machine asks for. What reads nothing is not loaded. */
export async function telemetryOf(
  context: Context,
  request: TelemetryRequest,
): Promise<readonly TelemetryReader[]> {
  const wanted = wantedBy(context, request.files ?? {});
  if (!Object.values(wanted).some((each) => each !== null && each !== false)) return [];
  const { openTelemetry } = await import('./open-telemetry.js');
  return openTelemetry(context, request, wanted);
}

function wantedBy({ env, cwd }: Context, files: TelemetryFiles): Wanted {
  const path = (typed: string | undefined, name?: string): string | null => {
    const text = typed ?? (name === undefined ? '' : (env[name] ?? ''));
    return text === '' ? null : resolve(cwd, text);
  };
  const isSet = (name: string): boolean => (env[name] ?? '') !== '';
  return {
    logFile: path(files.logFile, 'FLEET_LOG_FILE'),
    metricsDir: path(files.metricsDir, 'FLEET_METRICS_DIR'),
    junit: path(files.junit),
    dotenv: path(files.dotenv),
    github: env.GITHUB_ACTIONS === 'true',
    journal: isSet('JOURNAL_STREAM'),
    otel: isSet('OTEL_EXPORTER_OTLP_ENDPOINT') || isSet('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'),
  };
}

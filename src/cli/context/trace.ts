import { readOtel } from '../../telemetry/otel/settings.js';
import { traceEnv } from '../../telemetry/otel/trace.js';
import type { Context } from './context.js';

/**
 * `TRACEPARENT` for the programs and hooks of a run: empty if there is no trace. Their parent is the run if its spans are
 * sent, else what started fleet.
 */
export function traceEnvOf(
  { env, processMark }: Pick<Context, 'env' | 'processMark'>,
  run: string,
): Readonly<Record<string, string>> {
  return traceEnv(env, { run, process: processMark, sends: readOtel(env).kind === 'on' });
}

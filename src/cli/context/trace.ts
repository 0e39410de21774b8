import { randomBytes } from 'node:crypto';
import { readOtel } from '../../telemetry/otel/settings.js';
import { traceEnv } from '../../telemetry/otel/trace.js';
import type { Context } from './context.js';

/** Tells this process apart from others that carry out the same run. */
export const traceProcess: string = randomBytes(8).toString('hex');

/**
 * `TRACEPARENT` for the programs and hooks of a run: empty if there is no trace. Their parent is the run if its spans are
 * sent, else what started fleet.
 */
export function traceEnvOf(
  { env }: Pick<Context, 'env'>,
  run: string,
): Readonly<Record<string, string>> {
  return traceEnv(env, { run, process: traceProcess, sends: readOtel(env).kind === 'on' });
}

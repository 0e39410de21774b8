import { createHookRunner } from '../../engine/hooks/hook-runner.js';
import { createHooks } from '../../engine/hooks/hook-sequence.js';
import { localRunner } from '../../engine/hooks/local-command.js';
import { watchRequests } from '../../engine/journal/control.js';
import { journalFolder } from '../../engine/journal/journal.js';
import { artifactsAmong } from '../../engine/run/calls/artifact-source.js';
import { Lease } from '../../engine/run/calls/lease.js';
import { createUploadProgress } from '../../engine/run/calls/upload-progress.js';
import { createEffects } from '../../engine/run/effects.js';
import { createHeartbeat } from '../../engine/run/heartbeat.js';
import { type RunEnding, runPlan } from '../../engine/run/run.js';
import type { ExitCode } from '../../errors/codes.js';
import type { HostName } from '../../model/names.js';
import { runJson } from '../../ui/reports/run/json.js';
import { printJson } from '../context/output.js';
import { traceEnvOf } from '../context/trace.js';
import { openRecorders, subscribeRecorders } from '../records/recorders.js';
import { onPause } from '../session/run-options.js';
import type { Session } from '../session/session.js';
import type { PreparedRun } from './prepare-run.js';
import { preparePull } from './pull.js';

/** Carries out a confirmed plan, with every reader of its events in place, and returns how it ended. */
export async function executePlan(session: Session, prepared: PreparedRun): Promise<ExitCode> {
  const { context, options, target, bus, reporter } = session;
  const { plan } = prepared;
  const warn = (message: string): void => void bus.emit({ type: 'warning', message });
  const { app, notify } = target;
  const recorders = await openRecorders(context, {
    app,
    plan,
    run: 'begins',
    notify,
    files: options,
    warn,
  });
  subscribeRecorders(bus, recorders);
  const { operator: by } = context;
  const { takenFrom: of } = prepared;
  if (of !== undefined) {
    bus.subscribe(({ type }) => {
      if (type === 'run-started') bus.emit({ type: 'taken-over', how: 'resumed', by, of });
    });
  }
  try {
    for (const settled of prepared.settledHooks ?? []) {
      bus.emit({ type: 'hook-settled', run: plan.run, ...settled, by });
    }
    const ending = await carryOut(session, prepared);
    await reporter.finish();
    if (options.json === true) printJson(context, runJson({ plan, ...ending }));
    return ending.exitCode;
  } finally {
    await recorders.close();
  }
}

async function carryOut(session: Session, { plan, uploads }: PreparedRun): Promise<RunEnding> {
  const { context, options, fleet, bus, interrupts } = session;
  const { clock } = context;
  const archive = uploads?.archive ?? null;
  const lease = new Lease(clock, plan.app.policy.leaseMs);
  const pulled = await preparePull(session, { plan, uploads });
  const source = artifactsAmong(() => uploads?.packed() ?? [], pulled?.url);
  const progress = createUploadProgress(plan, { bus, clock });
  const call = fleet.caller({ lease, artifacts: source, uploads: progress });
  await uploads?.remember();
  const warn = (message: string, host: HostName | null): void =>
    void bus.emit({ type: 'warning', message, ...(host === null ? {} : { host }) });
  const local = localRunner(context.env);
  const trace = traceEnvOf(context, plan.run);
  const run = createHookRunner({ plan, call, bus, clock, local, lease, trace });
  const hooks = plan.app.hooks.length === 0 ? undefined : createHooks({ plan, run, warn });
  const hasLock = (): boolean => session.lock?.held !== false;
  return runPlan({
    plan,
    bus,
    carryOut: createEffects({
      plan,
      archive,
      deltas: uploads ?? undefined,
      pull: pulled?.pull,
      call,
      clock,
      warn,
      hooks,
    }),
    clock,
    heartbeat: createHeartbeat({ plan, call, bus, clock, lease, hasLock }),
    control: (tell) => watchRequests(journalFolder(context.stateDir, plan.run), tell),
    atOnce: options.forks,
    onPause: onPause(context, options),
    ...interrupts,
  });
}

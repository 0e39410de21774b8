import { resolveApp } from '../../config/fleet/file.js';
import { loadProject } from '../../config/project.js';
import {
  lacksProbes,
  lacksSource,
  sameProbes,
  sameSource,
} from '../../engine/journal/plan-record.js';
import { FleetError } from '../../errors/fleet-error.js';
import { splitList } from '../../model/hosts/select.js';
import type { App, Probe, ReleaseSource } from '../../model/runs/app.js';
import type { Plan } from '../../model/runs/plan.js';
import type { Context } from '../context/context.js';
import { projectRequest } from '../context/workspace.js';
import type { RunOptions } from '../session/run-options.js';

/**
 * A kept plan, with the parts that are not kept: the user, password and query of a URL are read from
 * fleet.yaml again, which must have them unchanged. Throws `config_invalid` if it has not.
 */
export async function wholePlan(context: Context, options: RunOptions, plan: Plan): Promise<Plan> {
  const probesLack = lacksProbes(plan.app);
  const sourceLacks = lacksSource(plan.app) && options.from === undefined;
  if (!probesLack && !sourceLacks) return plan;
  const app = await appOf(context, options, plan).catch((error: unknown) => {
    if (probesLack) throw error;
    return null;
  });
  if (app === null) return withParts(plan, plan.app.probes, null);
  const probes = probesLack ? sameProbes(plan.app, app) : plan.app.probes;
  if (probes === null) throw changed(plan, 'probes', 'put the probes back as they were');
  // A missing source matters only if something must still be sent.
  const from = sourceLacks ? sameSource(plan.app, app) : plan.app.release.from;
  return withParts(plan, probes, from);
}

function withParts(plan: Plan, probes: readonly Probe[], from: ReleaseSource | null): Plan {
  const { app } = plan;
  return { ...plan, app: { ...app, probes, release: { ...app.release, from } } };
}

async function appOf(context: Context, options: RunOptions, plan: Plan): Promise<App> {
  const { configs } = await loadProject(projectRequest(context, options));
  const config = configs.find(({ app }) => app.name === plan.app.name) ?? configs[0];
  return resolveApp(config, splitList(plan.group.split(',')));
}

function changed(plan: Plan, what: string, remedy: string): FleetError {
  return new FleetError(
    'config_invalid',
    `run ${plan.run} cannot continue: its ${what} have a URL with a password or a query, which a plan does not keep, and fleet.yaml has other ${what} now`,
    { hint: `${remedy}, or start a new deploy` },
  );
}

import { bareUrl, isBare } from '../../errors/bare-url.js';
import { safeJson } from '../../errors/unicode-escape.js';
import type { Host } from '../../model/hosts/host.js';
import type { App, Probe, ReleaseSource } from '../../model/runs/app.js';
import { PLAN_VERSION, type Plan } from '../../model/runs/plan.js';

/** The text of plan.json. */
export const planFileText = (plan: Plan): string =>
  `${safeJson({ schemaVersion: PLAN_VERSION, ...recordedPlan(plan) })}\n`;

/**
 * The plan as it is kept on disk: all that `resume` needs, and nothing that may be a secret. Users,
 * passwords and queries are removed from URLs, and hosts have no `vars`.
 */
export function recordedPlan(plan: Plan): Plan {
  return {
    ...plan,
    app: recordedApp(plan.app),
    hosts: plan.hosts.map((each) => ({ ...each, host: withoutVars(each.host) })),
    skipped: plan.skipped.map((each) => ({ ...each, host: withoutVars(each.host) })),
  };
}

function recordedApp(app: App): App {
  const { release, probes, history } = app;
  const from = release.from === null ? null : bareSource(release.from);
  return {
    ...app,
    release: { ...release, from },
    probes: probes.map(bareProbe),
    history: history?.kind === 'url' ? { ...history, url: bareUrl(history.url) } : history,
  };
}

const withoutVars = (host: Host): Host => ({ ...host, vars: {} });

const bareSource = (source: ReleaseSource): ReleaseSource =>
  source.kind === 'url' ? { ...source, url: bareUrl(source.url) } : source;

const bareProbe = (probe: Probe): Probe =>
  probe.kind === 'http' ? { ...probe, url: bareUrl(probe.url) } : probe;

/** Whether the probes, or the source, of a recorded plan have lost a part of their URL. */
export const lacksProbes = ({ probes }: App): boolean =>
  probes.some((probe) => probe.kind === 'http' && isBare(probe.url));

export const lacksSource = ({ release: { from } }: App): boolean =>
  from?.kind === 'url' && isBare(from.url);

/** The probes of `app` if they are those of the plan, else null. */
export function sameProbes(kept: App, app: App): readonly Probe[] | null {
  return same(kept.probes, app.probes.map(bareProbe)) ? app.probes : null;
}

/** The source of `app`, under the same condition. */
export function sameSource(kept: App, app: App): ReleaseSource | null {
  const { from } = app.release;
  return from !== null && same(kept.release.from, bareSource(from)) ? from : null;
}

const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

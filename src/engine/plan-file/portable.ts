import { isAbsolute, join, relative, sep } from 'node:path';
import type { Endpoint, Host, SshSettings } from '../../model/hosts/host.js';
import type { App, ReleaseSource } from '../../model/runs/app.js';
import type { Plan } from '../../model/runs/plan.js';
import { recordedPlan } from '../journal/plan-record.js';

/**
 * A plan as it is for everyone who may apply it, on any machine: nothing that may be secret, nothing of
 * the person who made it, and paths below `projectDir` from there. Two plans of one intent are equal
 * in this form.
 */
export function portablePlan(plan: Plan, projectDir: string): Plan {
  const recorded = recordedPlan(plan);
  return {
    ...impersonal(recorded),
    app: portableApp(recorded.app, projectDir),
    hosts: recorded.hosts.map((each) => ({ ...each, host: portableHost(each.host, plan.app) })),
    skipped: recorded.skipped.map((each) => ({
      ...each,
      host: portableHost(each.host, plan.app),
    })),
  };
}

/** Who asks, and who has approved it, belongs to a run and not to what it does. */
function impersonal({
  person: _person,
  approval: _approval,
  ...plan
}: Plan): Omit<Plan, 'person' | 'approval'> {
  return plan;
}

/** A source of a portable plan, on this machine. */
export function localSource(source: ReleaseSource, projectDir: string): ReleaseSource {
  const local = (path: string): string => (isAbsolute(path) ? path : join(projectDir, path));
  return withPaths(source, local);
}

/** Where the history is kept changes nothing on a host. */
export function portableApp(app: App, projectDir: string): App {
  const { from } = app.release;
  const inside = (path: string): string => insideOf(path, projectDir);
  const { templates } = app.service;
  const service =
    templates === undefined
      ? app.service
      : {
          ...app.service,
          templates: templates.map(({ name, path }) => ({ name, path: inside(path) })),
        };
  return {
    ...app,
    service,
    release: { ...app.release, from: from === null ? null : withPaths(from, inside) },
    hooks: app.hooks.map((hook) => ({
      ...hook,
      folder: hook.folder === null ? null : inside(hook.folder),
    })),
    history: null,
    ...(app.approvals === undefined ? {} : { approvals: { ...app.approvals, dir: null } }),
  };
}

function withPaths(source: ReleaseSource, change: (path: string) => string): ReleaseSource {
  switch (source.kind) {
    case 'folder':
    case 'archive':
      return { ...source, path: change(source.path) };
    case 'git':
      return { ...source, repository: change(source.repository) };
    case 'url':
      return source;
  }
}

/** A path outside the project is the same on every machine, or not there. */
function insideOf(path: string, projectDir: string): string {
  const from = relative(projectDir, path);
  if (from === '') return '.';
  return from === '..' || from.startsWith(`..${sep}`) || isAbsolute(from) ? path : from;
}

/** Of its groups, those that a hook is for: a host may join others, and nothing of the run changes. */
export function portableHost(host: Host, { hooks }: App): Host {
  const named = new Set(hooks.flatMap(({ groups }) => groups));
  const groups = host.groups.filter((group) => named.has(group));
  return { ...portableEndpoint(host), groups, vars: {} };
}

/** How to log in is the matter of who does; where, as whom and through what is part of the plan. */
function portableEndpoint<Each extends Endpoint>(endpoint: Each): Each {
  return { ...endpoint, ssh: portableSsh(endpoint.ssh) };
}

function portableSsh(ssh: SshSettings): SshSettings {
  const { revokedHostKeys: _revoked, configFile: _config, ...rest } = ssh;
  return {
    ...rest,
    identityFiles: [],
    agent: null,
    identitiesOnly: false,
    passphrase: null,
    knownHosts: [],
    jump: ssh.jump === null ? null : portableEndpoint(ssh.jump),
  };
}

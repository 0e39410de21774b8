import { posix } from 'node:path';
import { unitFileOf } from '../../model/releases/unit-file.js';
import type { App, Build, Probe, ReleaseSource, SharedPath } from '../../model/runs/app.js';
import type { Hook } from '../../model/runs/hooks/hooks.js';
import type { Policy, Size, WavePolicy, WaveSize } from '../../model/runs/policy.js';
import { type LocalBase, localPath } from '../paths/local-path.js';
import { ageFrom, durationFrom, sizeFrom } from '../schema/words.js';
import { buildApprovals } from './approvals-build.js';
import { confirmDeadlineFor, DEFAULTS } from './defaults.js';
import { buildHistory } from './history.js';
import { buildHooks } from './hooks-build.js';
import { buildPull } from './pull.js';
import { parseReleaseSource } from './release-source.js';
import type { FleetYaml } from './schema.js';
import { unitsOf } from './sections/service.js';

/** The app that a validated `fleet.yaml` describes, defaults filled in, paths made absolute. */
export function buildApp(yaml: FleetYaml, base: LocalBase): App {
  const { unit, action = 'restart', scope = 'system' } = yaml.service;
  const hooks = buildHooks(yaml.hooks, base.dir);
  return {
    name: yaml.app,
    root: posix.normalize(yaml.root).replace(/\/$/, ''),
    service: { units: [...unitsOf(unit)], action, scope, ...templatesOf(yaml, base) },
    release: {
      from: buildSource(yaml.release?.from, base),
      keep: yaml.release?.keep ?? DEFAULTS.keep,
      ...keepFor(yaml.release?.keep_for),
      links: yaml.release?.links ?? DEFAULTS.links,
      pull: buildPull(yaml.release?.pull),
      ...(yaml.release?.delta === 'off' ? { delta: 'off' as const } : {}),
    },
    build: buildBuild(yaml.build),
    shared: (yaml.shared ?? []).map(buildShared),
    probes: [{ kind: 'unit' }, ...(yaml.probes ?? []).flatMap(buildProbe)],
    policy: buildPolicy(yaml.policy ?? {}, hooks),
    hooks,
    ...buildBackup(yaml.backup),
    ...buildApprovals(yaml, base),
    history: buildHistory(yaml.history, base),
  };
}

/** A path alone is the template of the first unit, and an instance of a template comes from that. */
function templatesOf({ service }: FleetYaml, base: LocalBase): Pick<App['service'], 'templates'> {
  const { template, unit } = service;
  if (template === undefined) return {};
  const [first = ''] = unitsOf(unit);
  const paths = typeof template === 'string' ? { [unitFileOf(first)]: template } : template;
  const templates = Object.entries(paths).map(([name, path]) => ({
    name,
    path: localPath(path, base),
  }));
  return { templates };
}

const keepFor = (age: string | undefined): Pick<App['release'], 'keepForMs'> =>
  age === undefined ? {} : { keepForMs: ageFrom(age) };

type SourceYaml = NonNullable<FleetYaml['release']>['from'];

function buildSource(from: SourceYaml, base: LocalBase): ReleaseSource | null {
  if (from === undefined) return null;
  if (typeof from !== 'string') {
    return { kind: 'url', url: from.url, sha256: from.sha256.toLowerCase() };
  }
  const parsed = parseReleaseSource(from, base);
  if (parsed.kind === 'malformed') throw new TypeError(parsed.reason);
  return parsed.source;
}

/** None, if nothing is to be kept. */
function buildBackup(yaml: FleetYaml['backup']): Pick<App, 'backup'> {
  const paths = (yaml?.paths ?? []).map((path) => path.replace(/\/$/, ''));
  const command = yaml?.command ?? null;
  if (yaml === undefined || (paths.length === 0 && command === null)) return {};
  const timeoutMs =
    yaml.timeout === undefined ? DEFAULTS.backup.timeoutMs : durationFrom(yaml.timeout);
  const restoreCommand = yaml.restore_command ?? null;
  const keep = yaml.keep ?? DEFAULTS.backup.keep;
  return { backup: { paths, command, restoreCommand, keep, timeoutMs } };
}

function buildBuild(yaml: FleetYaml['build']): Build | null {
  if (yaml === undefined) return null;
  const { run, timeout } = typeof yaml === 'string' ? { run: yaml, timeout: undefined } : yaml;
  return { run, timeoutMs: timeout === undefined ? DEFAULTS.buildMs : durationFrom(timeout) };
}

function buildShared(path: string): SharedPath {
  const folder = path.endsWith('/');
  return { path: folder ? path.slice(0, -1) : path, kind: folder ? 'folder' : 'file' };
}

/** The unit probe is always on and comes first, listed or not. */
function buildProbe(probe: NonNullable<FleetYaml['probes']>[number]): readonly Probe[] {
  if (probe === 'unit') return [];
  const { http, tcp, command } = probe;
  if (http !== undefined) {
    return [{ kind: 'http', url: http.url, status: http.status ?? 200, body: http.body ?? null }];
  }
  if (tcp !== undefined) return [buildTcp(tcp)];
  return command === undefined ? [] : [{ kind: 'command', command }];
}

function buildTcp(tcp: number | string): Probe {
  if (typeof tcp === 'number') return { kind: 'tcp', host: '127.0.0.1', port: tcp };
  const colon = tcp.lastIndexOf(':');
  const host = tcp.slice(0, colon).replace(/^\[|\]$/g, '');
  return { kind: 'tcp', host, port: Number(tcp.slice(colon + 1)) };
}

function buildPolicy(yaml: NonNullable<FleetYaml['policy']>, hooks: readonly Hook[]): Policy {
  const ms = (text: string | undefined, standard: number): number =>
    text === undefined ? standard : durationFrom(text);
  const size = (value: string | number | undefined, standard: Size): Size =>
    value === undefined ? standard : sizeFrom(value);
  const healthyDeadlineMs = ms(yaml.healthy_deadline, DEFAULTS.healthyDeadlineMs);
  const { pause, then: otherwise } = yaml.on_inconclusive ?? {};
  return {
    waves: yaml.waves === undefined ? DEFAULTS.waves : buildWaves(yaml.waves),
    maxUnavailable: size(yaml.max_unavailable, DEFAULTS.maxUnavailable),
    tolerate: {
      wave: size(yaml.tolerate?.wave, DEFAULTS.tolerate.wave),
      run: size(yaml.tolerate?.run, DEFAULTS.tolerate.run),
    },
    tolerateUnreachable: size(yaml.tolerate_unreachable, DEFAULTS.tolerateUnreachable),
    minHealthyMs: ms(yaml.min_healthy_time, DEFAULTS.minHealthyMs),
    healthyDeadlineMs,
    bakeMs: ms(yaml.bake, DEFAULTS.bakeMs),
    confirmDeadlineMs: ms(
      yaml.confirm_deadline,
      confirmDeadlineFor(healthyDeadlineMs) + armedHooksOf(hooks),
    ),
    deadMan: yaml.dead_man ?? DEFAULTS.deadMan,
    leaseMs: ms(yaml.lease, DEFAULTS.leaseMs),
    onFailure: yaml.on_failure ?? DEFAULTS.onFailure,
    onInconclusive: {
      pauseMs: ms(pause, DEFAULTS.onInconclusive.pauseMs),
      otherwise: otherwise ?? DEFAULTS.onInconclusive.otherwise,
    },
  };
}

/** The timer of a host waits for its hooks of `after_activate` too. */
const armedHooksOf = (hooks: readonly Hook[]): number =>
  hooks.reduce(
    (sum, { point, timeoutMs }) => sum + (point === 'after_activate' ? timeoutMs : 0),
    0,
  );

function buildWaves(waves: NonNullable<NonNullable<FleetYaml['policy']>['waves']>): WavePolicy {
  if (!Array.isArray(waves)) return { kind: 'spread', canary: waves.canary, per: waves.per };
  const sizes: WaveSize[] = [];
  const approvals = new Set<number>();
  for (const wave of waves) {
    if (typeof wave === 'object') approvals.add(sizes.length);
    else sizes.push(wave === 'rest' ? { kind: 'rest' } : sizeFrom(wave));
  }
  return { kind: 'sizes', sizes, ...(approvals.size === 0 ? {} : { approvals: [...approvals] }) };
}

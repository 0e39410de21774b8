import type { Problem } from '../../errors/fleet-error.js';
import { placeOf } from '../../errors/render-problem.js';
import { formatDuration, parseDuration } from '../../model/text/duration.js';
import type { YamlFile } from '../yaml/file.js';
import { nodeAt, type Path } from '../yaml/node.js';
import { locate, problemAt, type Span } from '../yaml/source-text.js';
import { CONFIRM_MARGIN_MS, confirmDeadlineFor, DEFAULTS } from './defaults.js';
import { armedHooksMs } from './hook-time.js';

/**
 * Rules between settings, for the app as it is under each list of prefixes: `[[]]` is the app
 * itself, `[['environments', 'prod'], []]` is what prod overrides, then the app. Works on what is
 * written, so that it finds its mistakes beside those of the schema.
 */
export function checkFleet(yaml: YamlFile, layers: readonly Path[]): readonly Problem[] {
  const minimum = durationIn(yaml, layers, 'min_healthy_time', DEFAULTS.minHealthyMs);
  const healthy = durationIn(yaml, layers, 'healthy_deadline', DEFAULTS.healthyDeadlineMs);
  const hooksMs = yaml.root === null ? 0 : armedHooksMs(yaml.root, layers);
  const longest = confirmDeadlineFor(healthy.ms) + hooksMs;
  const confirm = durationIn(yaml, layers, 'confirm_deadline', longest);
  return [
    mustExceed(yaml, healthy, minimum, 0),
    mustExceed(yaml, confirm, healthy, CONFIRM_MARGIN_MS) ??
      mustCoverHooks(yaml, { confirm, healthy, hooksMs }),
    mustKeepSomething(yaml, layers),
  ].filter((problem) => problem !== null);
}

/** The rules for the app and for each environment, each mistake once. */
export function checkAllLayers(yaml: YamlFile): readonly Problem[] {
  if (yaml.root === null) return [];
  const environments = nodeAt(yaml.root, ['environments'])?.node;
  const names = environments?.kind === 'map' ? [...environments.entries.keys()] : [];
  const found = [
    ...checkFleet(yaml, [[]]),
    ...names.flatMap((name) => checkFleet(yaml, [['environments', name], []])),
  ];
  return [...new Map(found.map((problem) => [JSON.stringify(problem), problem])).values()];
}

interface Setting {
  readonly key: string;
  readonly ms: number;
  /** Null for a default. */
  readonly span: Span | null;
}

function durationIn(
  yaml: YamlFile,
  layers: readonly Path[],
  key: string,
  standard: number,
): Setting {
  for (const layer of yaml.root === null ? [] : layers) {
    const node = yaml.root && nodeAt(yaml.root, [...layer, 'policy', key])?.node;
    if (node?.kind !== 'scalar') continue;
    const ms = parseDuration(String(node.value));
    if (ms !== null) return { key, ms, span: node.span };
  }
  return { key, ms: standard, span: null };
}

/**
 * `long` is to be longer than `short`, by `margin` at least where that is not 0. Shown at the
 * longer-to-be setting, or at the other one where that is a default.
 */
function mustExceed(yaml: YamlFile, long: Setting, short: Setting, margin: number): Problem | null {
  const span = long.span ?? short.span;
  const enough = margin === 0 ? long.ms > short.ms : long.ms >= short.ms + margin;
  if (enough || span === null) return null;
  const by = margin === 0 ? '' : `at least ${formatDuration(margin)} `;
  const message =
    `${long.key} (${formatDuration(long.ms)}) must be ${by}longer than ` +
    `${short.key} (${formatDuration(short.ms)})`;
  return problemAt(yaml.source, span, { message, hint: whereIsOther(yaml, long, short) });
}

/** A backup that is set up and keeps nothing would be missed when it is needed. */
function mustKeepSomething(yaml: YamlFile, layers: readonly Path[]): Problem | null {
  const { root } = yaml;
  if (root === null) return null;
  const at = (...path: Path) => layers.map((layer) => nodeAt(root, [...layer, ...path])?.node);
  const [written] = at('backup').filter((node) => node?.kind === 'map' && node.entries.size > 0);
  if (written === undefined) return null;
  const paths = at('backup', 'paths').find((node) => node !== undefined);
  const command = at('backup', 'command').find((node) => node !== undefined);
  if (command !== undefined || (paths?.kind === 'list' && paths.items.length > 0)) return null;
  return problemAt(yaml.source, written.span, {
    message: 'backup keeps nothing: it has neither paths nor a command',
    hint: 'name paths below the root, such as [shared/.env], or a command',
  });
}

interface Armed {
  readonly confirm: Setting;
  readonly healthy: Setting;
  readonly hooksMs: number;
}

/** The automatic rollback timer of a host waits while its hooks of after_activate run. */
function mustCoverHooks(yaml: YamlFile, { confirm, healthy, hooksMs }: Armed): Problem | null {
  const least = healthy.ms + hooksMs + CONFIRM_MARGIN_MS;
  if (hooksMs === 0 || confirm.span === null || confirm.ms >= least) return null;
  const message =
    `${confirm.key} (${formatDuration(confirm.ms)}) must be at least ${formatDuration(least)}: ` +
    `${healthy.key} (${formatDuration(healthy.ms)}), the timeouts of hooks.after_activate ` +
    `(${formatDuration(hooksMs)}) and ${formatDuration(CONFIRM_MARGIN_MS)}`;
  return problemAt(yaml.source, confirm.span, { message });
}

function whereIsOther(yaml: YamlFile, long: Setting, short: Setting): string | undefined {
  const other = long.span === null ? long : short;
  if (other.span === null) return `${other.key} is not set, so it has its default`;
  return `${other.key} is set at ${placeOf(locate(yaml.source, other.span))}`;
}

import { splitWords } from './command-line.js';

type ServiceType = 'simple' | 'exec' | 'oneshot';
export type RestartPolicy = 'no' | 'always' | 'on-failure' | 'on-success' | 'on-abnormal';

/** What the practice hosts' supervisor reads of a unit file. Times are in milliseconds. */
export interface UnitFile {
  readonly description: string | null;
  readonly type: ServiceType;
  readonly execStart: readonly string[];
  readonly execReload: readonly string[];
  readonly execStop: readonly string[];
  /** Not resolved: its links are followed at each start, as chdir(2) does. */
  readonly workingDirectory: { readonly path: string; readonly optional: boolean } | null;
  readonly environment: Readonly<Record<string, string>>;
  readonly environmentFiles: readonly { readonly path: string; readonly optional: boolean }[];
  readonly restart: RestartPolicy;
  readonly restartMs: number;
  readonly stopTimeoutMs: number;
  readonly remainAfterExit: boolean;
  readonly startLimit: { readonly burst: number; readonly intervalMs: number };
}

/** Specifiers of systemd.unit(5) that unit files of web apps use: `%h` home, `%u` user, `%n` unit. */
export type Specifiers = Readonly<Record<string, string>>;

/** The unit file cannot be loaded: systemd would say `bad-setting`. */
export class BadUnitFile extends Error {}

/** Reads a unit file's text. Settings that need a real systemd are ignored. */
export function parseUnitFile(text: string, specifiers: Specifiers): UnitFile {
  const settings = readSettings(text, specifiers);
  const last = (key: string): string | null => settings.get(key)?.at(-1) ?? null;
  const execStart = settings.get('ExecStart') ?? [];
  const type = oneOf(last('Type') ?? 'simple', ['simple', 'exec', 'oneshot'] as const, 'Type');
  if (execStart.length === 0) throw new BadUnitFile('Service has no ExecStart= setting. Refusing.');
  if (execStart.length > 1 && type !== 'oneshot')
    throw new BadUnitFile(
      'Service has more than one ExecStart= setting, which is only allowed for Type=oneshot services. Refusing.',
    );
  const directory = last('WorkingDirectory');
  return {
    description: last('Description'),
    type,
    execStart,
    execReload: settings.get('ExecReload') ?? [],
    execStop: settings.get('ExecStop') ?? [],
    workingDirectory:
      directory === null
        ? null
        : optionalPath(directory === '~' ? (specifiers.h ?? '/') : directory),
    environment: Object.fromEntries(
      (settings.get('Environment') ?? []).flatMap(splitWords).map(assignment),
    ),
    environmentFiles: (settings.get('EnvironmentFile') ?? []).map(optionalPath),
    restart: oneOf(
      last('Restart') ?? 'no',
      ['no', 'always', 'on-failure', 'on-success', 'on-abnormal'] as const,
      'Restart',
    ),
    restartMs: milliseconds(last('RestartSec'), 100),
    stopTimeoutMs: milliseconds(last('TimeoutStopSec') ?? last('TimeoutSec'), 90_000),
    remainAfterExit: /^(1|yes|true|on)$/.test(last('RemainAfterExit') ?? ''),
    startLimit: {
      burst: Number(last('StartLimitBurst') ?? 5),
      intervalMs: milliseconds(last('StartLimitIntervalSec') ?? last('StartLimitInterval'), 10_000),
    },
  };
}

/** A time span of systemd.time(7): `2min 5s`, `100ms`, or a bare number of seconds. */
export function milliseconds(text: string | null, fallback: number): number {
  if (text === null) return fallback;
  if (text === 'infinity') return 2_147_483_647;
  const units: Record<string, number> = {
    ms: 1,
    s: 1000,
    sec: 1000,
    min: 60_000,
    m: 60_000,
    h: 3_600_000,
  };
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)\s*([a-z]*)/g))
    total += Number(amount) * (units[unit === '' || unit === undefined ? 's' : unit] ?? 1000);
  return total;
}

function readSettings(text: string, specifiers: Specifiers): ReadonlyMap<string, string[]> {
  const settings = new Map<string, string[]>();
  for (const line of text.replace(/\\\n/g, ' ').split('\n')) {
    const match = /^\s*([A-Za-z]+)\s*=\s*(.*?)\s*$/.exec(line);
    const [, key, raw] = match ?? [];
    if (key === undefined || raw === undefined) continue;
    const value = raw.replace(/%(.)/g, (all, letter: string) => specifiers[letter] ?? all);
    // An empty assignment clears earlier ones: systemd.unit(5).
    if (value === '') settings.delete(key);
    else settings.set(key, [...(settings.get(key) ?? []), value]);
  }
  return settings;
}

function optionalPath(text: string): { path: string; optional: boolean } {
  return text.startsWith('-')
    ? { path: text.slice(1), optional: true }
    : { path: text, optional: false };
}

function assignment(word: string): [string, string] {
  const at = word.indexOf('=');
  return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
}

function oneOf<T extends string>(value: string, known: readonly T[], key: string): T {
  const found = known.find((one) => one === value);
  if (found === undefined)
    throw new BadUnitFile(`${key}=${value} is not known on a practice host (${known.join(', ')})`);
  return found;
}

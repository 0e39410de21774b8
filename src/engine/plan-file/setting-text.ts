import { shortLine } from '../../errors/printable.js';
import { formatDuration } from '../../model/text/duration.js';

const LONGEST_VALUE = 60;

/** Settings that a plan calls otherwise than fleet.yaml. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['policy.min_healthy', 'policy.min_healthy_time'],
  ['service.units', 'service.unit'],
  ['name', 'app'],
]);

/** The name of a setting, as fleet.yaml has it. */
export function settingName(path: readonly string[]): string {
  const name = path.map(snake).join('.');
  return OTHER_NAMES.get(name) ?? name;
}

const snake = (key: string): string =>
  key.replace(/Ms$/, '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** `5s → 10s`, each in one short line. */
export function changeText(path: readonly string[], was: unknown, is: unknown): string {
  const [before, after] = [valueText(path, was), valueText(path, is)];
  return before === after ? `${before} → another one` : `${before} → ${after}`;
}

function valueText(path: readonly string[], value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'number' && path.at(-1)?.endsWith('Ms') === true) {
    return formatDuration(value);
  }
  return shortLine(plainText(value), LONGEST_VALUE);
}

function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(plainText).join(', ')}]`;
  if (typeof value === 'object' && value !== null && 'kind' in value) return kindText(value);
  return JSON.stringify(value);
}

/** Sizes, waves and sources as people write them. */
function kindText(value: { readonly kind: unknown }): string {
  const { kind, ...rest } = value;
  const entries: readonly unknown[] = Object.values(rest);
  switch (kind) {
    case 'percent':
      return `${entries[0]}%`;
    case 'count':
    case 'sizes':
      return plainText(entries[0]);
    default:
      return entries.length === 0 ? String(kind) : JSON.stringify(value);
  }
}

const UNITS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

const DURATION = /^(\d{1,10})(ms|s|m|h)$/;

/** The longest duration: what a Node timer can hold, about 24 days. */
export const MAX_DURATION_MS = 2 ** 31 - 1;

/** `500ms`, `5s`, `2m`, `1h` in milliseconds; null if the text is none of these or too long. */
export function parseDuration(text: string): number | null {
  const [, digits, unit] = DURATION.exec(text) ?? [];
  const factor = UNITS.find(([name]) => name === unit)?.[1];
  if (digits === undefined || factor === undefined) return null;
  const ms = Number(digits) * factor;
  return ms <= MAX_DURATION_MS ? ms : null;
}

/** The shortest exact spelling: `90s`, `2m`, `1500ms`; what {@link parseDuration} reads back. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  const [unit, factor] = UNITS.find(([, size]) => ms % size === 0) ?? ['ms', 1];
  return `${ms / factor}${unit}`;
}

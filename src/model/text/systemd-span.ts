const SECOND = 1000;
/** Units of systemd.time(7), in milliseconds; a month is a twelfth of a year, a year is 365.25 days. */
const UNIT_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: SECOND,
  min: 60 * SECOND,
  h: 3_600 * SECOND,
  d: 86_400 * SECOND,
  w: 604_800 * SECOND,
  month: 2_629_800 * SECOND,
  y: 31_557_600 * SECOND,
};

/** A span as systemctl prints it (`1min 30s`, `4.500000s`, `infinity`), in milliseconds; null if malformed. */
export function parseSystemdSpan(text: string): number | null {
  if (text === 'infinity') return Number.POSITIVE_INFINITY;
  let total = 0;
  for (const word of text.split(' ')) {
    const [, amount, unit] = /^(\d{1,15}(?:\.\d{1,9})?)([a-z]+)$/.exec(word) ?? [];
    const factor = unit === undefined ? undefined : UNIT_MS[unit];
    if (amount === undefined || factor === undefined) return null;
    total += Number(amount) * factor;
  }
  return Math.round(total);
}

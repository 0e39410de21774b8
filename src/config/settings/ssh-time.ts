const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** 24 days: a timer of Node holds little more. */
const MOST_SECONDS = 2_073_600;

/** The milliseconds of a time of ssh_config, `90`, `1m30s`; null where it is no time, or no limit. */
export function sshTimeMs(text: string): number | null {
  if (!/^(\d+[smhdw]?)+$/i.test(text)) return null;
  const parts = text.toLowerCase().match(/\d+[smhdw]?/g) ?? [];
  const seconds = parts.reduce(
    (sum, part) => sum + Number.parseInt(part, 10) * (UNITS[part.at(-1) ?? ''] ?? 1),
    0,
  );
  return seconds > 0 && seconds <= MOST_SECONDS ? seconds * 1000 : null;
}

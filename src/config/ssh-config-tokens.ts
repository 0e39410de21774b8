/** What the tokens of an ssh_config stand for, by their letter. */
export type Tokens = Readonly<Record<string, string>>;

/** `%h` and the like, and `${NAME}`; what is not known stays as it is written. */
export function expandTokens(
  text: string,
  tokens: Tokens,
  env: Readonly<Record<string, string | undefined>>,
): string {
  return text.replace(
    /%(.)|\$\{(\w+)\}/g,
    (whole, letter: string | undefined, name: string | undefined) =>
      (letter === undefined ? env[name ?? ''] : tokens[letter]) ?? whole,
  );
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** The milliseconds of a time of ssh_config, `90`, `1m30s`; null where it is none, or no limit. */
export function sshTimeMs(text: string): number | null {
  if (!/^(\d+[smhdw]?)+$/i.test(text)) return null;
  const parts = text.toLowerCase().match(/\d+[smhdw]?/g) ?? [];
  const seconds = parts.reduce(
    (sum, part) => sum + Number.parseInt(part, 10) * (UNITS[part.at(-1) ?? ''] ?? 1),
    0,
  );
  return seconds > 0 && seconds <= 2_073_600 ? seconds * 1000 : null;
}

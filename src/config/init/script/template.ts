/** Longer texts are no names or paths: they stay as they are, so that no text grows without end. */
const LONGEST = 4096;

/** The text with its placeholders replaced by what `known` gives; null if it is too long for a setting. */
export function fillTemplate(
  text: string,
  placeholder: RegExp,
  known: (name: string) => unknown,
): string | null {
  if (text.length > LONGEST) return null;
  const filled = text.replace(placeholder, (whole, ...names: readonly unknown[]) => {
    const name = names.find((each) => typeof each === 'string' && each !== '');
    const value = typeof name === 'string' ? known(name) : undefined;
    const shown = typeof value === 'number' ? String(value) : value;
    return typeof shown === 'string' && shown.length <= LONGEST ? shown : whole;
  });
  return filled.length > LONGEST ? null : filled;
}

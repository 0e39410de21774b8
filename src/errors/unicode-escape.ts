/**
 * A JSON text with every character that `unwanted` matches (a global pattern, by UTF-16 units)
 * written as `\uXXXX`: the same value, in characters that may be shown.
 */
export function escapeInJson(json: string, unwanted: RegExp): string {
  return json.replaceAll(
    unwanted,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

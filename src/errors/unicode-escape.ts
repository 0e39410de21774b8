/**
 * A JSON text with every character that `unwanted` matches (a global pattern) written as `\uXXXX`:
 * the same value, in characters that may be shown.
 */
export function escapeInJson(json: string, unwanted: RegExp): string {
  return json.replaceAll(unwanted, (text) =>
    Array.from({ length: text.length }, (_, at) => escaped(text.charCodeAt(at))).join(''),
  );
}

/**
 * The same JSON value in ASCII alone. Hosts refuse a control character, and yash as their `sh` reads no
 * other characters where the login has no locale.
 */
export const asciiJson = (json: string): string => escapeInJson(json, /[^\x20-\x7e]/g);

const escaped = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`;

/**
 * A value as JSON that no terminal obeys and no reader takes for two lines: what `JSON.stringify`
 * leaves raw of control characters, bidi controls, characters without a width and separators is
 * escaped. Names of files, of inventories and of git come here as they are.
 */
export function safeJson(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, null, indent);
  return PLAIN.test(json) ? json : escapeInJson(json, UNSEEN);
}

const PLAIN = /^[\x20-\x7e\n]*$/;
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

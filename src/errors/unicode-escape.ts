/**
 * A JSON text with every character that `unwanted` (a global pattern) matches written as `\uXXXX`: the same value.
 */
export function escapeInJson(json: string, unwanted: RegExp): string {
  return json.replaceAll(unwanted, (text) =>
    Array.from({ length: text.length }, (_, at) => escaped(text.charCodeAt(at))).join(''),
  );
}

/**
 * The same JSON value in ASCII. Hosts refuse control characters, and yash as `sh` reads no other characters if the login
 * has no locale.
 */
export const asciiJson = (json: string): string => escapeInJson(json, /[^\x20-\x7e]/g);

const escaped = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`;

/**
 * A value as JSON that is safe for terminals and always one line: escapes what `JSON.stringify` leaves raw of control
 * characters, bidi controls, zero-width characters and separators. Names of files, inventories and git are passed raw.
 */
export function safeJson(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, null, indent);
  return PLAIN.test(json) ? json : escapeInJson(json, UNSEEN);
}

const PLAIN = /^[\x20-\x7e\n]*$/;
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

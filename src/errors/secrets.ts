/** Replaces a secret in a text. */
const MASK = '***';

/** A shorter text is in too many others. */
const SHORTEST = 8;

/**
 * The secrets that a command knows, each masked wherever a text has it. They are kept in memory alone, and masked once,
 * where a text enters the event stream: everything that reads the stream has it masked.
 */
export class Secrets {
  /** The longest first: one secret may be a part of another. */
  #values: readonly string[] = [];

  /** Each line of it counts by itself, since texts are shown line by line. Text below eight characters is passed over. */
  add(secret: string): void {
    const lines = [secret, ...secret.split(/\r?\n/)].map((line) => line.trim());
    const fresh = lines.filter((line) => line.length >= SHORTEST && !this.#values.includes(line));
    if (fresh.length === 0) return;
    this.#values = [...new Set([...this.#values, ...fresh])].sort((a, b) => b.length - a.length);
  }

  mask(text: string): string {
    return this.#values.reduce(
      (masked, secret) => (masked.includes(secret) ? masked.replaceAll(secret, MASK) : masked),
      text,
    );
  }

  /** A value with the secrets in its texts for people masked; the same value if it has none. */
  maskTexts<Value>(value: Value): Value {
    return this.#values.length === 0 ? value : (this.#masked(value, false) as Value);
  }

  #masked(value: unknown, isText: boolean): unknown {
    if (typeof value === 'string') return isText ? this.mask(value) : value;
    if (Array.isArray(value)) {
      const list = value.map((part) => this.#masked(part, isText));
      return list.every((part, at) => part === value[at]) ? value : list;
    }
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const parts = entries.map(([name, part]) => this.#masked(part, TEXTS.has(name)));
    const isSame = entries.every(([, part], at) => part === parts[at]);
    return isSame ? value : Object.fromEntries(entries.map(([name], at) => [name, parts[at]]));
  }
}

/** Fields for people. Others are names that the records need as they are. */
const TEXTS: ReadonlySet<string> = new Set([
  'message',
  'note',
  'hint',
  'stderr',
  'journal',
  'reason',
  'name',
]);

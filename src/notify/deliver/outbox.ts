import { createHash } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf } from '../../errors/reason.js';
import { ensureOwnFolder, readOwn } from '../../files/own-files.js';
import { replaceFile, syncFolder } from '../../files/replace-file.js';
import { ENTRY_VERSION, type Entry, entrySchema } from './entry.js';
import { ENTRY, KEY, namesIn, outboxFolder, TURN_DIGITS } from './outbox-names.js';

/** An entry with its file. */
export interface Waiting {
  readonly file: string;
  readonly entry: Entry;
}

/**
 * What is to be sent, on disk: a folder a receiver, a file an entry, named by its turn. An entry is there
 * before the first try, and until the service has taken it: what a process leaves, another one sends.
 */
export class Outbox {
  readonly #folder: string;
  readonly #log: (line: string) => void;
  #last = 0;

  /** `log` gets what is removed without being sent. */
  constructor(stateDir: string, log: (line: string) => void) {
    this.#folder = outboxFolder(stateDir);
    this.#log = log;
  }

  /** Puts an entry behind the others of its receiver, on disk when it returns. Throws the system's error. */
  add(entry: Entry, now: Date): void {
    ensureOwnFolder(this.#folder);
    const folder = join(this.#folder, entry.receiver);
    ensureOwnFolder(folder);
    syncFolder(this.#folder);
    // A clock that is set back must not change the order.
    this.#last = Math.max(now.getTime(), this.#last + 1, this.#lastTurn(entry.receiver) + 1);
    const turn = String(this.#last).padStart(TURN_DIGITS, '0');
    const digest = createHash('sha256').update(entry.id).digest('hex').slice(0, 12);
    replaceFile(join(folder, `${turn}-${digest}.json`), JSON.stringify(entry));
  }

  /** Receivers for which something waits. */
  receivers(): readonly string[] {
    return namesIn(this.#folder).filter((name) => KEY.test(name) && this.#names(name).length > 0);
  }

  /** What waits for a receiver, in its order. */
  waiting(receiver: string): readonly Waiting[] {
    const found = this.#names(receiver).flatMap((name) => {
      const file = join(this.#folder, receiver, name);
      const entry = this.#read(file);
      return entry === null ? [] : [{ file, entry }];
    });
    // A process that died may have left entries that are part of a later one.
    const replaced = new Set(
      found.flatMap(({ entry }) => entry.replaces).filter((name) => ENTRY.test(name)),
    );
    for (const name of replaced) rmSync(join(this.#folder, receiver, name), { force: true });
    return found.filter(({ file }) => !replaced.has(nameIn(file)));
  }

  /** Puts what is known now in the place of an entry. */
  update({ file }: Waiting, entry: Entry): void {
    replaceFile(file, JSON.stringify(entry));
  }

  remove({ file }: Waiting): void {
    rmSync(file, { force: true });
  }

  /** Puts one entry in the place of the first of several, and removes the others. */
  merge([first, ...others]: readonly [Waiting, ...Waiting[]], entry: Entry): Waiting {
    this.update(first, { ...entry, replaces: others.map(({ file }) => nameIn(file)) });
    for (const other of others) this.remove(other);
    return { file: first.file, entry };
  }

  /** Whoever sends for a receiver holds this. */
  lockOf(receiver: string): string {
    return join(this.#folder, receiver, 'lock');
  }

  /** Where the limits of services are counted. */
  get limitsFolder(): string {
    return join(this.#folder, 'limits');
  }

  #names(receiver: string): readonly string[] {
    const folder = join(this.#folder, receiver);
    const names = namesIn(folder);
    for (const name of names.filter((each) => each.endsWith('.tmp'))) removeOld(join(folder, name));
    return names.filter((name) => ENTRY.test(name)).sort();
  }

  #lastTurn(receiver: string): number {
    return Number(this.#names(receiver).at(-1)?.slice(0, TURN_DIGITS) ?? 0);
  }

  #read(file: string): Entry | null {
    try {
      const text = readOwn(file);
      if (text === '') return null;
      const found: unknown = JSON.parse(text);
      if (isNewer(found)) return null;
      return entrySchema().parse(found);
    } catch (error) {
      this.#log(`${file} is no entry of the outbox and was removed: ${reasonOf(error)}`);
      rmSync(file, { force: true });
      return null;
    }
  }
}

const OLD_MS = 3_600_000;

const nameIn = (file: string): string => file.slice(file.lastIndexOf('/') + 1);

function isNewer(found: unknown): boolean {
  return (
    typeof found === 'object' &&
    found !== null &&
    'schemaVersion' in found &&
    Number(found.schemaVersion) > ENTRY_VERSION
  );
}

/** What a process left that died while it wrote. */
function removeOld(file: string): void {
  try {
    if (Date.now() - statSync(file).mtimeMs > OLD_MS) rmSync(file, { force: true });
  } catch {
    // Another process has removed it.
  }
}

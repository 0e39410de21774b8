import type { LeftOut } from '../imported.js';

type Reason = Pick<LeftOut, 'why' | 'todo'>;

export const HOOK: Reason = {
  why: 'it is a program of that tool',
  todo: 'write what it does on a host as a command under hooks:, see docs/hooks.md',
};

export const NOT_READ: Reason = {
  why: 'only running the file would tell its value',
  todo: 'write the value into fleet.yaml yourself',
};

export const NO_PLACE: Reason = {
  why: 'fleet has no setting for it',
  todo: 'nothing, unless your app needs it',
};

export const PLUGIN: Reason = {
  why: 'it loads a plugin of that tool',
  todo: 'see what it did for you: building belongs into build:, other steps into hooks:',
};

/** Collects what is left out of one file, with the line itself. */
export class LeftOuts {
  readonly #lines: readonly string[];
  readonly found: LeftOut[] = [];

  constructor(
    readonly file: string,
    text: string,
  ) {
    this.#lines = text.split('\n');
  }

  add(line: number, reason: Reason, what = this.lineAt(line)): void {
    this.found.push({ file: this.file, line, what: what.slice(0, 100), ...reason });
  }

  lineAt(line: number): string {
    return (this.#lines[line - 1] ?? '').trim();
  }
}

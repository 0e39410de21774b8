import type { Step } from '../../../src/host/protocol/protocol.js';

/** The arguments of one verb; the last value of a key counts. */
export class Arguments {
  readonly #args: Step['args'];

  constructor(args: Step['args']) {
    this.#args = args;
  }

  /** The value, or null where there is none, or it is `-` or empty. */
  text(key: string): string | null {
    const found = this.#args.findLast(([name]) => name === key)?.[1];
    return found === undefined || found === '' || found === '-' ? null : found;
  }

  number(key: string): number {
    return Number(this.text(key) ?? 0);
  }

  flag(key: string): boolean {
    return this.text(key) === '1';
  }

  all(key: string): readonly string[] {
    return this.#args.filter(([name]) => name === key).map(([, value]) => value);
  }

  /** What a revert without a controller has to know. */
  recipe(): Step['args'] {
    return this.#args.filter(([key]) => RECIPE.has(key));
  }
}

const RECIPE = new Set([
  'unit',
  'scope',
  'action',
  'min_healthy_ms',
  'deadline_ms',
  'http',
  'tcp',
  'command',
]);

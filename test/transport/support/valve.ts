import { Duplex } from 'node:stream';

/** A network that can be stalled: what is written then stays in the stream, where it can be seen. */
export class Valve extends Duplex {
  readonly #inner: Duplex;
  #held: (() => void) | null = null;
  stalled = false;

  constructor(inner: Duplex) {
    super();
    this.#inner = inner;
    inner.on('data', (chunk) => this.push(chunk));
    inner.on('end', () => this.push(null));
    inner.on('close', () => this.destroy());
    inner.on('error', () => {});
  }

  open(): void {
    this.stalled = false;
    this.#held?.();
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const pass = () => void this.#inner.write(chunk, done);
    if (this.stalled) this.#held = pass;
    else pass();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#inner.destroy();
    done(error);
  }
}

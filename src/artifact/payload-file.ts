import { close, open, read } from 'node:fs';
import { Readable } from 'node:stream';

const PIECE_BYTES = 64 * 1024;

export interface PayloadOptions {
  /** The byte of the file to begin with. */
  readonly start?: number | undefined;
  /** Hears up to which byte the file was read. */
  readonly onRead?: ((byte: number) => void) | undefined;
}

/**
 * Streams a text and then a file, from byte `start` on, in pieces that all lie in the same memory: a release goes to many hosts at once, and
 * what is left behind by each piece adds up before it is collected. So a piece is valid only until the next but one is
 * asked for. `feedStdin` asks for one when the last was written.
 */
export class PayloadFile extends Readable {
  readonly #file: string;
  #position: number;
  readonly #rooms = [Buffer.allocUnsafeSlow(PIECE_BYTES), Buffer.allocUnsafeSlow(PIECE_BYTES)];
  #head: Buffer | null;
  #descriptor: number | null = null;
  #pieces = 0;
  readonly #onRead: PayloadOptions['onRead'];

  constructor(head: Buffer, file: string, { start = 0, onRead }: PayloadOptions = {}) {
    super({ highWaterMark: 1 });
    this.#onRead = onRead;
    this.#head = head;
    this.#file = file;
    this.#position = start;
  }

  override _construct(done: (error?: Error | null) => void): void {
    open(this.#file, (error, descriptor) => {
      if (error === null) this.#descriptor = descriptor;
      done(error);
    });
  }

  override _read(): void {
    const head = this.#head;
    const room = this.#rooms[this.#pieces % 2];
    if (head !== null) {
      this.#head = null;
      this.push(head);
    } else if (this.#descriptor !== null && room !== undefined) {
      this.#pieces += 1;
      read(this.#descriptor, room, 0, room.length, this.#position, (error, bytes) => {
        this.#position += bytes;
        this.#onRead?.(this.#position);
        if (error !== null) this.destroy(error);
        else this.push(bytes === 0 ? null : room.subarray(0, bytes));
      });
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const descriptor = this.#descriptor;
    this.#descriptor = null;
    if (descriptor === null) return done(error);
    close(descriptor, (closing) => done(error ?? closing));
  }
}

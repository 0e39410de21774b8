import { close, open, read } from 'node:fs';
import { Readable } from 'node:stream';

const PIECE_BYTES = 64 * 1024;

/**
 * Streams a text and then a file in pieces that all lie in the same memory: a release goes to many hosts at once, and
 * what is left behind by each piece adds up before it is collected. So a piece is valid only until the next but one is
 * asked for. `feedStdin` asks for one when the last was written.
 */
export class PayloadFile extends Readable {
  readonly #file: string;
  readonly #rooms = [Buffer.allocUnsafeSlow(PIECE_BYTES), Buffer.allocUnsafeSlow(PIECE_BYTES)];
  #head: Buffer | null;
  #descriptor: number | null = null;
  #pieces = 0;

  constructor(head: Buffer, file: string) {
    super({ highWaterMark: 1 });
    this.#head = head;
    this.#file = file;
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
      read(this.#descriptor, room, 0, room.length, null, (error, bytes) => {
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

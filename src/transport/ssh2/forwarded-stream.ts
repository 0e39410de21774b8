import { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';

interface ForwardedStreamOptions {
  /** The direct-tcpip channel on the jump host's connection. */
  readonly channel: ClientChannel;
  /** What that connection's packets are written to. */
  readonly carrier: Duplex;
  /** The jump host, for the error once its connection is lost. */
  readonly through: string;
}

/**
 * A channel through a jump host as a stream with honest backpressure. ssh2's own stream buffers 2 MiB before
 * it asks to wait, and passes on all that the channel's window allows even if the carrier is slower. Here a
 * piece is done when the carrier has drained.
 */
export class ForwardedStream extends Duplex {
  readonly #channel: ClientChannel;
  readonly #carrier: Duplex;

  constructor({ channel, carrier, through }: ForwardedStreamOptions) {
    super();
    this.#channel = channel;
    this.#carrier = carrier;
    const lost = (): Error | undefined =>
      carrier.destroyed ? new Error(`the connection to jump host ${through} was lost`) : undefined;
    channel.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) channel.pause();
    });
    channel.on('end', () => {
      const error = lost();
      if (error === undefined) this.push(null);
      else this.destroy(error);
    });
    channel.on('error', (error: Error) => this.destroy(error));
    channel.on('close', () => this.destroy(lost()));
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#channel.write(chunk, (error) => {
      if (error) done(error);
      else if (this.#carrier.writableNeedDrain) this.#carrier.once('drain', () => done());
      else done();
    });
  }

  override _final(done: () => void): void {
    this.#channel.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#channel.close();
    done(error);
  }
}

import type { Socket } from 'node:net';

/** Bytes on the way at which a line stops to read: far more than any tool sends in one delay. */
const FULL = 8 * 1024 * 1024;

/** One direction of a connection. */
export interface DelayLineOptions {
  readonly from: Socket;
  readonly to: Socket;
  readonly delayMs: number;
  /** Nothing arrives before this moment of `performance.now()`. */
  readonly notBefore: number;
  /** Taken when a piece is sent, and handed to `arrived` when it has been passed on. */
  readonly stamp: () => number;
  readonly arrived: (stamp: number, bytes: number) => void;
}

interface Piece {
  /** Null is the end of what is sent. */
  readonly data: Buffer | null;
  readonly stamp: number;
  readonly due: number;
}

/** Passes on what one socket says to another, each piece so much later, in order. */
export function runDelayLine(options: DelayLineOptions): void {
  const { from, to } = options;
  const pieces: Piece[] = [];
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let blocked = to.pending;

  const put = (data: Buffer | null): void => {
    const due = Math.max(performance.now() + options.delayMs, options.notBefore);
    pieces.push({ data, stamp: options.stamp(), due });
    bytes += data?.length ?? 0;
    if (bytes > FULL) from.pause();
    if (timer === undefined) passOn();
  };
  const passOn = (): void => {
    timer = undefined;
    while (!blocked && !to.destroyed) {
      const [piece] = pieces;
      if (piece === undefined) return;
      const wait = piece.due - performance.now();
      if (wait > 0) {
        timer = setTimeout(passOn, Math.ceil(wait));
        return;
      }
      pieces.shift();
      deliver(piece);
    }
  };
  const deliver = ({ data, stamp }: Piece): void => {
    if (data === null) {
      to.end();
      return;
    }
    bytes -= data.length;
    if (bytes <= FULL && from.isPaused()) from.resume();
    options.arrived(stamp, data.length);
    blocked = !to.write(data);
  };

  from.on('data', put);
  from.on('end', () => put(null));
  const unblock = (): void => {
    blocked = false;
    if (timer === undefined) passOn();
  };
  to.on('connect', unblock);
  to.on('drain', unblock);
  to.on('close', () => clearTimeout(timer));
}

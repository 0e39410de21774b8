/** How much a command may print; beyond that the connection hangs up. */
export interface Allowance {
  /** Allows so many bytes from now on. */
  renew(bytes: number): void;
  /** Null, or the message if this is more than was left. */
  take(chunk: Uint8Array): string | null;
}

export function createAllowance(bytes: number): Allowance {
  let all = bytes;
  let left = bytes;
  return {
    renew(anew) {
      all = anew;
      left = anew;
    },
    take(chunk) {
      left -= chunk.length;
      return left < 0 ? `it printed more than ${kibText(all)} in one go` : null;
    },
  };
}

/** One line of a step is far shorter than this. */
export const LINE_BYTES = 64 * 1024;
/** What a closed channel may still bring: the window, which the server may have used already. */
export const AFTER_END_BYTES = 4 * 1024 * 1024;

export const tooLong = (): string => `it sent a line of more than ${kibText(LINE_BYTES)}`;

const kibText = (bytes: number): string =>
  bytes < 2 ** 20 ? `${bytes / 1024} KiB` : `${bytes / 2 ** 20} MiB`;

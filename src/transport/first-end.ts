/** Something that may end for several reasons, of which the first counts. */
export interface FirstEnd<T> {
  readonly result: Promise<T>;
  /** Aborted with the first end, for whatever must then stop. */
  readonly over: AbortSignal;
  settle(value: T): void;
  /** For errors of the caller's own code. */
  reject(error: unknown): void;
}

/** Made once: an abort without a reason makes an error with a stack, for every command. */
const OVER = new DOMException('the command is over', 'AbortError');

export function createFirstEnd<T>(): FirstEnd<T> {
  const over = new AbortController();
  let resolve: (value: T) => void = () => {};
  let refuse: (error: unknown) => void = () => {};
  const result = new Promise<T>((fulfil, reject) => {
    resolve = fulfil;
    refuse = reject;
  });
  return {
    result,
    over: over.signal,
    settle(value) {
      if (over.signal.aborted) return;
      resolve(value);
      over.abort(OVER);
    },
    reject(error) {
      if (over.signal.aborted) return;
      refuse(error);
      over.abort(OVER);
    },
  };
}

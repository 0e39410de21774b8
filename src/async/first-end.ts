/** Something that may end for several reasons; the first one counts. */
export interface FirstEnd<T> {
  readonly result: Promise<T>;
  readonly over: boolean;
  /** Calls back when it is over, in order of registration; never if it is over already. */
  onOver(callback: () => void): void;
  /** Aborted once it is over. Made on request, since a signal is the most expensive part. */
  signal(): AbortSignal;
  settle(value: T): void;
  /** For errors of the caller's own code. */
  reject(error: unknown): void;
}

export function createFirstEnd<T>(): FirstEnd<T> {
  const callbacks: (() => void)[] = [];
  let over = false;
  let resolve: (value: T) => void = () => {};
  let refuse: (error: unknown) => void = () => {};
  const result = new Promise<T>((fulfil, reject) => {
    resolve = fulfil;
    refuse = reject;
  });

  function end(): void {
    over = true;
    for (const callback of callbacks.splice(0)) callback();
  }

  return {
    result,
    get over() {
      return over;
    },
    onOver(callback) {
      if (!over) callbacks.push(callback);
    },
    signal() {
      const controller = new AbortController();
      if (over) controller.abort();
      else callbacks.push(() => controller.abort());
      return controller.signal;
    },
    settle(value) {
      if (over) return;
      resolve(value);
      end();
    },
    reject(error) {
      if (over) return;
      refuse(error);
      end();
    },
  };
}

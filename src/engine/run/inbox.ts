/** A queue of inputs, taken one by one in order. */
export interface Inbox<Item> {
  readonly put: (item: Item) => void;
  /** Makes every later `take` reject; the first reason wins. */
  readonly fail: (reason: unknown) => void;
  take(): Promise<Item>;
}

export function createInbox<Item>(): Inbox<Item> {
  const waiting: Item[] = [];
  let failure: { readonly reason: unknown } | null = null;
  let wake: (() => void) | null = null;
  const notify = (): void => {
    wake?.();
    wake = null;
  };
  return {
    put(item) {
      waiting.push(item);
      notify();
    },
    fail(reason) {
      failure ??= { reason };
      notify();
    },
    async take() {
      for (;;) {
        if (failure !== null) throw failure.reason;
        const item = waiting.shift();
        if (item !== undefined) return item;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

/** Calls back at an interval until it is stopped. It is a parameter, so that tests need not wait. */
export type Ticker = (ms: number, tick: () => void) => () => void;

/** A ticker that does not keep the process alive. */
export const wallTicker: Ticker = (ms, tick) => {
  const timer = setInterval(tick, ms);
  timer.unref();
  return () => clearInterval(timer);
};

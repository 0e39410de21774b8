/** Calls back every so often until it is stopped; a parameter, so that tests need no waiting. */
export type Ticker = (ms: number, tick: () => void) => () => void;

/** A ticker that does not keep the process alive. */
export const wallTicker: Ticker = (ms, tick) => {
  const timer = setInterval(tick, ms);
  timer.unref();
  return () => clearInterval(timer);
};

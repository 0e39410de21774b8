import { createReporter, type ReporterOptions } from '../../../src/ui/run/reporter.js';
import type { Ticker } from '../../../src/ui/terminal/ticker.js';
import { FakeTerminal } from './fake-terminal.js';
import { START, syntheticRun } from './synthetic-run.js';

/** A clock and a ticker that the events drive. */
export function stage(
  mode: ReporterOptions['mode'],
  terminal = new FakeTerminal(100, 30),
  verbosity = 0,
) {
  let clock = START;
  const tickers = new Set<{ ms: number; tick: () => void; next: number }>();
  const every: Ticker = (ms, tick) => {
    const ticker = { ms, tick, next: clock + ms };
    tickers.add(ticker);
    return () => tickers.delete(ticker);
  };
  const stdout = new FakeTerminal(200, 200);
  const reporter = createReporter({
    mode,
    stdout,
    stderr: terminal,
    color: false,
    unicode: true,
    now: () => clock,
    verbosity,
    every,
    timeOf: (at) => at.slice(11, 19),
  });
  const to = (time: number): void => {
    for (const ticker of tickers) {
      for (; ticker.next <= time; ticker.next += ticker.ms) {
        clock = ticker.next;
        ticker.tick();
      }
    }
    clock = time;
  };
  return { reporter, stdout, terminal, tickers, to };
}

export type Stage = ReturnType<typeof stage>;

// The tree loads it when it begins; here that is to take no time.
await import('listr2');

/** Lets listr2 take note of what has happened; it works in promises. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export async function play(on: Stage, ...run: Parameters<typeof syntheticRun>): Promise<void> {
  for (const event of syntheticRun(...run)) {
    on.to(Date.parse(event.at));
    on.reporter.listener(event);
    if (event.type !== 'host-stage') await settle();
  }
}

import type { FleetEvent } from '../../events/event.js';
import { eventJson } from '../../events/event-json.js';
import { createBacklog } from '../terminal/backlog.js';
import { ownLine } from '../terminal/own-line.js';
import { createStyle, type Style } from '../terminal/style.js';
import type { OutputMode, Terminal } from '../terminal/terminal.js';
import { type Ticker, wallTicker } from '../terminal/ticker.js';
import { localTime } from '../text/format.js';
import { warningText } from '../text/labels.js';
import { createTree } from '../tree/tree.js';
import { createLiveView } from '../view/reduce.js';
import type { View } from '../view/view.js';
import type { TypedFlags } from './next-commands.js';
import { createPlain, pausedLine } from './plain.js';
import { createQuiet } from './quiet.js';
import { summaryLines } from './summary.js';

export interface ReporterOptions {
  readonly mode: OutputMode;
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  readonly color: boolean;
  readonly unicode: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** 0, or the number of `-v`. */
  readonly verbosity: number;
  /** Where the summary goes; `stderr` under `--json`, which uses stdout alone. Default `stdout`. */
  readonly summary?: 'stdout' | 'stderr' | undefined;
  /** Flags that printed commands repeat. */
  readonly typed?: TypedFlags | undefined;
  readonly every?: Ticker | undefined;
  readonly timeOf?: ((at: string) => string) | undefined;
}

/** Reads the events of one run and shows them to people, or passes them on. */
export interface Reporter {
  listener(event: FleetEvent): void;
  /** Writes a line that is no event to stderr, without breaking what is drawn there. */
  say(line: string): void;
  /** Clears the screen for a prompt or other text, until the run starts. */
  pause(): void;
  /** Removes what is drawn; the next frame is drawn below what is written meanwhile. */
  clear(): void;
  /** Ends the display and writes how the run ended. Await it before anything else is written. */
  finish(): Promise<void>;
  /** Restores the terminal at once, for a process that must end now. */
  abandon(): void;
}

/**
 * The reporter of a mode. `tree` redraws in place, `plain` writes lines, `quiet` only failures, all
 * to stderr, with a summary at the end. `ndjson` writes every event to stdout as it comes.
 */
export function createReporter(options: ReporterOptions): Reporter {
  const style = createStyle(options);
  switch (options.mode) {
    case 'tree':
      return treeReporter(options, style);
    case 'plain':
      return plainReporter(options, style);
    case 'quiet':
      return quietReporter(options, style);
    case 'ndjson':
      return ndjsonReporter(options);
  }
}

/** A `warning` replaces events that are left out. Its `seq` is that of the last of them. */
function ndjsonReporter(options: ReporterOptions): Reporter {
  let last: FleetEvent | null = null;
  const warning = (message: string): string =>
    last === null
      ? ''
      : `${eventJson({ at: last.at, run: last.run, seq: last.seq, type: 'warning', message })}\n`;
  const out = createBacklog(options.stdout, warning);
  return {
    listener(event) {
      out(`${eventJson(event)}\n`);
      last = event;
    },
    say: (line) => write(options.stderr, [line]),
    pause() {},
    clear() {},
    finish: () => Promise.resolve(),
    abandon() {},
  };
}

function treeReporter(options: ReporterOptions, style: Style): Reporter {
  const { stderr: terminal, now, every = wallTicker } = options;
  const summaryFollows = summaryStream(options).isTTY === true;
  const tree = createTree({ terminal, style, now, every, summaryFollows });
  return {
    listener(event) {
      tree.listener(event);
      // The tree shows the present state; a warning has to stay.
      if (event.type === 'paused')
        tree.above(`${ownLine(style.yellow(pausedLine(event, tree.view)))}\n`);
      if (event.type === 'warning') tree.above(`${style.yellow(warningText(event))}\n`);
    },
    say: (line) => tree.above(`${ownLine(line)}\n`),
    pause: tree.pause,
    clear: tree.clear,
    async finish() {
      await tree.finish();
      writeSummary(tree.view, options);
    },
    abandon: tree.abandon,
  };
}

function plainReporter(options: ReporterOptions, style: Style): Reporter {
  const { stderr, now, every = wallTicker, timeOf = localTime, verbosity } = options;
  const plain = createPlain({ style, timeOf, verbosity });
  const out = createBacklog(stderr, (message) => `${message}\n`);
  const tell = (lines: readonly string[]): void => {
    if (lines.length > 0) out(`${lines.join('\n')}\n`);
  };
  const stop = every(1000, () => tell(plain.tick(now())));
  return {
    listener: (event) => tell(plain.lines(event)),
    say: (line) => write(stderr, [line]),
    pause() {},
    clear() {},
    async finish() {
      stop();
      writeSummary(plain.view, options);
    },
    abandon: stop,
  };
}

function quietReporter(options: ReporterOptions, style: Style): Reporter {
  const live = createLiveView();
  const quiet = createQuiet(style);
  return {
    listener(event) {
      live.apply(event);
      write(options.stderr, quiet(event));
    },
    say: (line) => write(options.stderr, [line]),
    pause() {},
    clear() {},
    async finish() {
      const { end } = live.view;
      // The failures have been shown; how it ended is left.
      if (end !== null) writeSummary(live.view, options);
    },
    abandon() {},
  };
}

function writeSummary(view: View, options: ReporterOptions): void {
  const stream = summaryStream(options);
  const color = options.color && stream.isTTY === true;
  const style = createStyle({ color, unicode: options.unicode });
  const lines = summaryLines(view, style, options.typed);
  // On a screen, an empty line separates it from what was drawn. In a file nothing is above it.
  write(stream, lines.length > 0 && stream.isTTY === true ? ['', ...lines] : lines);
}

const summaryStream = ({ summary, stdout, stderr }: ReporterOptions): Terminal =>
  summary === 'stderr' ? stderr : stdout;

function write(stream: Terminal, lines: readonly string[]): void {
  if (lines.length > 0) stream.write(`${lines.map(ownLine).join('\n')}\n`);
}

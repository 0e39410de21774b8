import type { ListrRenderer, ListrRendererFactory, ListrRendererTask } from 'listr2';
import type { RunPhase } from '../model/run.js';
import { frameOf } from './frame.js';
import type { PhaseRow } from './phase-row.js';
import { createScreen, sizeOf } from './screen.js';
import type { Style } from './style.js';
import type { Terminal } from './terminal.js';
import type { Ticker } from './ticker.js';
import type { View } from './view.js';

export interface DrawingOptions {
  readonly terminal: Terminal;
  readonly style: Style;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly every: Ticker;
  /** Whether a summary is written to the same screen afterwards. */
  readonly summaryFollows: boolean;
}

/** What is on the screen while listr2 runs its tasks. */
export interface Drawing {
  begin(tasks: readonly TreeTask[]): void;
  /** The last frame stays on the screen, unless it was paused; the cursor is given back. */
  stop(): void;
  /** Writes text above the frame, where it stays. */
  above(text: string): void;
  /** Takes the frame away until the next. */
  clear(): void;
  /** Takes the frame away until it is resumed. */
  pause(): void;
  resume(): void;
}

/** Which phase a task stands for. */
export type TreeTaskOptions = Pick<PhaseRow, 'phase' | 'wave'>;

export type TreeTask = ListrRendererTask<ListrRendererFactory>;

/** Ten frames a second at most, whatever happens between two of them. */
const FRAME_MS = 100;

export function createDrawing(view: View, options: DrawingOptions): Drawing {
  const { terminal, style, now, every, summaryFollows } = options;
  const screen = createScreen(terminal);
  let tasks: readonly TreeTask[] = [];
  let stopTicking: (() => void) | null = null;
  let paused = false;
  let over = false;

  const draw = (): void => {
    if (paused) return;
    const { columns, rows } = sizeOf(terminal);
    const look = { width: columns - 1, height: rows - 1, style, now: now(), summaryFollows };
    screen.draw(frameOf(view, rowsOf(tasks, view), { ...look, final: view.end !== null }));
  };
  // A terminal that takes no more is not looked at; the next frame has what this one had.
  const tick = (): void => {
    if (terminal.writableNeedDrain !== true) draw();
  };
  const stop = (): void => {
    over = true;
    if (stopTicking === null) return;
    draw();
    stopTicking();
    stopTicking = null;
    terminal.off?.('resize', draw);
    screen.finish();
  };

  return {
    begin(begun) {
      // It may have been given up, or paused, while listr2 was still being loaded.
      if (over) return;
      tasks = begun;
      draw();
      stopTicking = every(FRAME_MS, tick);
      terminal.on?.('resize', draw);
    },
    stop,
    above(text) {
      screen.clear();
      terminal.write(text);
      if (stopTicking !== null) tick();
    },
    clear: screen.clear,
    pause() {
      if (paused) return;
      paused = true;
      screen.clear();
    },
    resume() {
      paused = false;
    },
  };
}

/**
 * The renderer that listr2 is given. Its own draws every change of every task, at a cost that
 * grows with the hosts; here tasks are phases and waves, and the view knows the hosts.
 */
export function rendererFor(drawing: Drawing) {
  return class implements ListrRenderer {
    static nonTTY = true;
    static rendererOptions: Record<string, never>;
    static rendererTaskOptions: TreeTaskOptions;

    constructor(private readonly tasks: readonly TreeTask[]) {}

    render(): void {
      drawing.begin(this.tasks);
    }

    end(): void {
      drawing.stop();
    }
  };
}

export type TreeRenderer = ReturnType<typeof rendererFor>;

/** Phases that a run without trouble has not: no row before they begin. */
const OPTIONAL: ReadonlySet<RunPhase> = new Set(['stopping', 'rolling-back']);

function rowsOf(tasks: readonly TreeTask[], view: View): readonly PhaseRow[] {
  return leaves(tasks).flatMap((task): readonly PhaseRow[] => {
    const { phase, wave } = task.rendererTaskOptions;
    const row: PhaseRow = { phase, wave, state: stateOf(task, view, { phase, wave }) };
    const idle = row.state === 'waiting' || row.state === 'skipped';
    return idle && OPTIONAL.has(row.phase) ? [] : [row];
  });
}

function leaves(tasks: readonly TreeTask[]): readonly TreeTask[] {
  return tasks.flatMap((task) => {
    if (task.hasSubtasks()) return leaves(task.subtasks);
    return task.hasTitle() ? [task] : [];
  });
}

function stateOf(task: TreeTask, view: View, key: TreeTaskOptions): PhaseRow['state'] {
  if (task.isSkipped()) return 'skipped';
  if (task.hasFailed()) return 'failed';
  if (task.isCompleted()) return 'done';
  // listr2 starts a task before it knows whether to skip it; the run says whether it has begun.
  const began = view.phases.some((p) => p.phase === key.phase && p.wave === key.wave);
  return began ? 'active' : 'waiting';
}

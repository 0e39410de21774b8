import type { ListrRenderer, ListrRendererFactory, ListrRendererTask } from 'listr2';
import { createScreen, sizeOf } from '../terminal/screen.js';
import type { Style } from '../terminal/style.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Ticker } from '../terminal/ticker.js';
import type { PhaseKey, PhaseRow } from '../view/phase-row.js';
import { rowOf } from '../view/phase-rows.js';
import type { View } from '../view/view.js';
import { frameOf } from './frame.js';

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
  /** Draws frames from now on, once there are tasks. */
  begin(): void;
  /** Draws these tasks of listr2, and the subtasks that they will have. */
  show(tasks: readonly TreeTask[]): void;
  /** Draws the last frame, which stays unless paused, and shows the cursor again. */
  stop(): void;
  /** Writes text above the frame, where it stays. */
  above(text: string): void;
  /** Removes the frame until the next is drawn. */
  clear(): void;
  /** Removes the frame until `resume`. */
  pause(): void;
  resume(): void;
}

export type TreeTask = ListrRendererTask<ListrRendererFactory>;

/** At most ten frames a second. */
const FRAME_MS = 100;

export function createDrawing(view: View, options: DrawingOptions): Drawing {
  const { terminal, style, now, every, summaryFollows } = options;
  const screen = createScreen(terminal);
  let tasks: readonly TreeTask[] = [];
  let stopTicking: (() => void) | null = null;
  let paused = false;

  const draw = (): void => {
    if (paused || tasks.length === 0) return;
    const { columns, rows } = sizeOf(terminal);
    const look = { width: columns - 1, height: rows - 1, style, now: now(), summaryFollows };
    screen.draw(frameOf(view, rowsOf(view, tasks), { ...look, final: view.end !== null }));
  };
  // While the terminal accepts no more, frames are left out; a later one shows the same.
  const tick = (): void => {
    if (terminal.writableNeedDrain !== true) draw();
  };
  const stop = (): void => {
    if (stopTicking === null) return;
    draw();
    stopTicking();
    stopTicking = null;
    terminal.off?.('resize', draw);
    screen.finish();
  };

  return {
    begin() {
      stopTicking = every(FRAME_MS, tick);
      terminal.on?.('resize', draw);
    },
    show(shown) {
      tasks = shown;
      if (stopTicking !== null) draw();
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
 * The renderer for listr2. Its own one draws every change of every task, at a cost that grows with
 * the hosts. Here tasks are phases and waves, and the view knows the hosts.
 */
export function rendererFor(drawing: Drawing) {
  return class implements ListrRenderer {
    static nonTTY = true;
    static rendererOptions: Record<string, never>;
    static rendererTaskOptions: PhaseKey;

    constructor(private readonly tasks: readonly TreeTask[]) {}

    render(): void {
      drawing.show(this.tasks);
    }

    end(): void {
      drawing.stop();
    }
  };
}

export type TreeRenderer = ReturnType<typeof rendererFor>;

/** A row for each task of listr2, in the state that its phase has in the view. */
function rowsOf(view: View, tasks: readonly TreeTask[]): readonly PhaseRow[] {
  return tasks.flatMap((task): readonly PhaseRow[] => {
    if (task.hasSubtasks()) return rowsOf(view, task.subtasks);
    if (!task.hasTitle()) return [];
    const { phase, wave } = task.rendererTaskOptions;
    const row = rowOf(view, { phase, wave });
    return row === null ? [] : [row];
  });
}

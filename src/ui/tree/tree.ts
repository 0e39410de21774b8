import type { ListrTask } from 'listr2';
import type { FleetEvent } from '../../events/event.js';
import { phaseTitle } from '../text/labels.js';
import type { PhaseKey } from '../view/phase-row.js';
import { isSettled, phaseKeys } from '../view/phase-rows.js';
import { createLiveView } from '../view/reduce.js';
import type { View } from '../view/view.js';
import {
  createDrawing,
  type DrawingOptions,
  rendererFor,
  type TreeRenderer,
} from './tree-renderer.js';

/** The live task tree of one run. */
export interface Tree {
  readonly view: View;
  listener(event: FleetEvent): void;
  /** Removes the tree for a prompt, until the run starts. */
  pause(): void;
  /** Removes the tree until its next frame. */
  clear(): void;
  /** Writes text above the tree, where it stays. */
  above(text: string): void;
  /** Draws the last frame, which stays. */
  finish(): Promise<void>;
  /** Restores the terminal at once, for a process that is about to end. */
  abandon(): void;
}

/**
 * The view is the one source: each task of listr2 runs until its phase is settled in the view, and
 * its line is the view's row. Nothing is read back from listr2.
 */
export function createTree(options: DrawingOptions): Tree {
  const live = createLiveView();
  const { view } = live;
  const drawing = createDrawing(view, options);
  const moments = createMoments();
  let running: Promise<unknown> | null = null;

  const taskOf = (key: PhaseKey): TreeTask => ({
    title: phaseTitle(key.phase, key.wave),
    rendererOptions: key,
    task: () => moments.when(() => isSettled(view, key)),
  });
  const start = async (): Promise<void> => {
    // Loaded only here: it is not needed without a terminal.
    const { Listr } = await import('listr2');
    const tasks = new Listr<unknown, TreeRenderer>(
      [
        ...phaseKeys({ ...view, header: null }).map(taskOf),
        {
          // The phases of the run are known once there is a plan.
          task: async (_, task) => {
            await moments.when(() => view.header !== null || view.isOver);
            return task.newListr(phaseKeys(view).slice(1).map(taskOf));
          },
        },
        // How the run ended comes after its last phase, and belongs to the last frame.
        { task: () => moments.when(() => view.end !== null || view.isOver) },
      ],
      // The command handles Ctrl-C, not the display.
      { renderer: rendererFor(drawing), registerSignalListeners: false },
    );
    await tasks.run();
  };
  const close = (): void => {
    live.close();
    moments.look();
  };

  return {
    view,
    listener(event) {
      live.apply(event);
      if (event.type === 'run-started') drawing.resume();
      if (running === null && !view.isOver) {
        drawing.begin();
        running = start();
      }
      moments.look();
    },
    pause: drawing.pause,
    clear: drawing.clear,
    above: drawing.above,
    async finish() {
      close();
      await running;
    },
    abandon() {
      close();
      drawing.stop();
    },
  };
}

type TreeTask = ListrTask<unknown, TreeRenderer>;

/** Waits for conditions, which are checked again after each event. */
interface Moments {
  when(isSo: () => boolean): Promise<void>;
  look(): void;
}

function createMoments(): Moments {
  const waiting = new Map<() => boolean, () => void>();
  return {
    when(isSo) {
      if (isSo()) return Promise.resolve();
      return new Promise((resolve) => waiting.set(isSo, resolve));
    },
    look() {
      for (const [isSo, resolve] of waiting) {
        if (!isSo()) continue;
        waiting.delete(isSo);
        resolve();
      }
    },
  };
}

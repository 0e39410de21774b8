import type { ListrTask } from 'listr2';
import type { FleetEvent } from '../events/event.js';
import type { PlanView } from '../model/plan-view.js';
import { createPhaseGates, type PhaseGate } from './phase-gates.js';
import { createLiveView } from './reduce.js';
import {
  createDrawing,
  type DrawingOptions,
  rendererFor,
  type TreeRenderer,
} from './tree-renderer.js';
import type { View } from './view.js';
import { phaseTitle } from './words.js';

/** The live task tree of one run. */
export interface Tree {
  readonly view: View;
  listener(event: FleetEvent): void;
  /** Takes the tree off the screen, for a prompt; the start of the run brings it back. */
  pause(): void;
  /** Takes the tree off the screen until its next frame. */
  clear(): void;
  /** Writes text above the tree, where it stays. */
  above(text: string): void;
  /** Draws the last frame, which stays. */
  finish(): Promise<void>;
  /** Gives the terminal back at once: for a process that is about to end. */
  abandon(): void;
}

export function createTree(options: DrawingOptions): Tree {
  const live = createLiveView();
  const gates = createPhaseGates();
  const drawing = createDrawing(live.view, options);
  const preflight = gates.add([{ phase: 'preflight', wave: null }]);
  const planned = deferred<readonly PhaseGate[]>();
  const ended = deferred<void>();
  let running: Promise<unknown> | null = null;

  const start = async (): Promise<void> => {
    // Loaded only here: without a terminal nobody needs it.
    const { Listr } = await import('listr2');
    const tasks = new Listr<unknown, TreeRenderer>(
      [...preflight.map(phaseTask), runTask(planned.promise), endTask(ended.promise)],
      {
        renderer: rendererFor(drawing),
        // A failed wave is no reason to end the tree: what follows it is shown as well.
        exitOnError: false,
        // What Ctrl-C means is not the display's to decide.
        registerSignalListeners: false,
      },
    );
    await tasks.run();
  };

  return {
    view: live.view,
    listener(event) {
      live.apply(event);
      running ??= start();
      if (event.type === 'run-started') {
        planned.resolve(gates.add(phasesOf(event.plan)));
        drawing.resume();
      }
      gates.apply(event);
      if (event.type === 'run-ended') ended.resolve();
    },
    pause: drawing.pause,
    clear: drawing.clear,
    above: drawing.above,
    async finish() {
      planned.resolve([]);
      gates.close();
      ended.resolve();
      await running;
    },
    abandon: drawing.stop,
  };
}

/** Holds the phases of the run, which are known once there is a plan. */
function runTask(planned: Promise<readonly PhaseGate[]>): ListrTask<unknown, TreeRenderer> {
  return {
    task: async (_, task) => task.newListr((await planned).map(phaseTask), { exitOnError: false }),
  };
}

/** Keeps the tree from ending with the last phase: how the run ended comes after it. */
const endTask = (ended: Promise<void>): ListrTask<unknown, TreeRenderer> => ({ task: () => ended });

function phasesOf(plan: PlanView): readonly Pick<PhaseGate, 'phase' | 'wave'>[] {
  return [
    { phase: 'claiming', wave: null },
    // Where every host has the release already, nothing is staged.
    ...(plan.uploads > 0 ? [{ phase: 'staging' as const, wave: null }] : []),
    ...Array.from({ length: plan.waves }, (_, wave) => ({ phase: 'wave' as const, wave })),
    { phase: 'stopping', wave: null },
    { phase: 'rolling-back', wave: null },
    { phase: 'finalizing', wave: null },
  ];
}

function phaseTask(gate: PhaseGate): ListrTask<unknown, TreeRenderer> {
  const { phase, wave } = gate;
  return {
    title: phaseTitle(phase, wave),
    rendererOptions: { phase, wave },
    skip: async () => (await gate.began) === 'skipped',
    task: async () => {
      if ((await gate.ended) === 'failed') throw new Error(`${phaseTitle(phase, wave)} failed`);
    },
  };
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

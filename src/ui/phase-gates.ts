import type { FleetEvent } from '../events/event.js';
import type { RunPhase } from '../model/run.js';

export type PhaseEnd = 'done' | 'failed';

/** One phase of the run as something to wait for. */
export interface PhaseGate {
  readonly phase: RunPhase;
  readonly wave: number | null;
  /** Whether it began, or was passed over. */
  readonly began: Promise<'began' | 'skipped'>;
  readonly ended: Promise<PhaseEnd>;
}

interface OpenGate extends PhaseGate {
  begin(how: 'began' | 'skipped'): void;
  end(how: PhaseEnd): void;
}

/** The phases of one run, in their order, opened and closed by its events. */
export interface PhaseGates {
  /** Adds phases behind those that are there. */
  add(phases: readonly Pick<PhaseGate, 'phase' | 'wave'>[]): readonly PhaseGate[];
  apply(event: FleetEvent): void;
  /** Ends whatever is open, so that nobody waits for ever. */
  close(): void;
}

export function createPhaseGates(): PhaseGates {
  const gates: OpenGate[] = [];
  let stopping = false;
  let preflightFailed = false;
  const find = (phase: RunPhase, wave: number | null): number =>
    gates.findIndex((gate) => gate.phase === phase && gate.wave === wave);
  /** A phase that begins closes those before it; a promise keeps its first answer. */
  const settleBefore = (index: number): void => {
    for (const gate of gates.slice(0, index)) {
      gate.begin('skipped');
      gate.end('done');
    }
  };
  return {
    add(phases) {
      const added = phases.map(openGate);
      gates.push(...added);
      return added;
    },
    apply(event) {
      if (event.type === 'stopped') stopping = true;
      if (event.type === 'preflight-host' && event.failure !== null) preflightFailed = true;
      if (event.type === 'preflight-started') gates[0]?.begin('began');
      if (event.type === 'run-started') settleBefore(1);
      if (event.type === 'run-ended') settleBefore(gates.length);
      if (event.type === 'phase-started') {
        const index = find(event.phase, event.wave);
        settleBefore(Math.max(0, index));
        gates[index]?.begin('began');
      }
      if (event.type === 'phase-ended') {
        // The phase that a stop ends is the one that failed.
        gates[find(event.phase, event.wave)]?.end(stopping ? 'failed' : 'done');
        stopping = false;
      }
    },
    close() {
      // Without a run, it was preflight that ended it.
      if (gates.length === 1 && preflightFailed) gates[0]?.end('failed');
      settleBefore(gates.length);
    },
  };
}

function openGate({ phase, wave }: Pick<PhaseGate, 'phase' | 'wave'>): OpenGate {
  let begin: OpenGate['begin'] = () => {};
  let end: OpenGate['end'] = () => {};
  const began = new Promise<'began' | 'skipped'>((resolve) => {
    begin = resolve;
  });
  const ended = new Promise<PhaseEnd>((resolve) => {
    end = resolve;
  });
  return { phase, wave, began, ended, begin, end };
}

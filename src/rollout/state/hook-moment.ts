import type { HookPoint, HookTurn } from '../../model/runs/hooks/hooks.js';

/** Where in the run the hooks of a wave, or of the whole run, have their turn. */
export interface HookMoment {
  readonly point: HookPoint;
  readonly per: Exclude<HookTurn, 'host'>;
  /** The wave that it belongs to; the first or the last one for hooks of the run. */
  readonly wave: number;
}

/** Hooks at the very end: what the run is cannot change any more. */
export const isClosing = ({ point }: Pick<HookMoment, 'point'>): boolean =>
  point === 'after_run' || point === 'on_failure';

import type { ToolName } from './results.js';
import type { LogScale } from './scale.js';

/** All of a panel with its titles, in pixels; the lines are within the margins. */
export const PANEL = { width: 500, height: 330, top: 40, right: 140, bottom: 34, left: 48 };
export const INK = '#1f2328';
export const FAINT = '#6e7781';

/** Told apart by more than colour; no two that cross are alike to a colour-blind eye. */
export const LOOKS: Readonly<
  Record<ToolName, { readonly colour: string; readonly dashes?: string }>
> = {
  fleet: { colour: '#0550c8' },
  'ssh loop': { colour: '#1f2328' },
  'ssh loop, cheap kex': { colour: '#6e7781', dashes: '5 4' },
  clush: { colour: '#00805f' },
  sshkit: { colour: '#b0457b' },
  'sshkit, one execute': { colour: '#b0457b', dashes: '2 3' },
  ansible: { colour: '#c25400' },
  'ansible + mitogen': { colour: '#9a6b00', dashes: '5 4' },
};

/** What a tool took at each size of a panel. */
export interface Line {
  readonly tool: ToolName;
  readonly points: readonly { readonly hosts: number; readonly value: number }[];
}

/** From hosts and values to places within a panel. */
export interface Scales {
  readonly x: LogScale;
  readonly y: LogScale;
}

/** How a release on a host compares with its manifest; `unverified` if it has none there. */
export const DRIFT_STATES = ['intact', 'drifted', 'unverified', 'absent'] as const;
/** Whether the contents were read, or only names, sizes and times since they were last read. */
export const DRIFT_CHECKS = ['stamp', 'content'] as const;
export const DIFFERENCE_KINDS = [
  'changed',
  'missing',
  'added',
  'mode',
  'link',
  'kind',
  'unreadable',
] as const;

export type DriftCheck = (typeof DRIFT_CHECKS)[number];

/** One path that is not as it was deployed. */
export interface Difference {
  readonly path: string;
  readonly what: (typeof DIFFERENCE_KINDS)[number];
  /** Of a mode, a link or a kind: what it was deployed as, and what it is. */
  readonly was?: string;
  readonly is?: string;
}

export interface ReleaseDrift {
  readonly release: string;
  readonly state: (typeof DRIFT_STATES)[number];
  readonly by: DriftCheck;
  /** In bytewise order of the manifest's lines. */
  readonly differences: readonly Difference[];
  /** There are more than the host has reported. */
  readonly more: boolean;
}

/** Files that were added do no harm: apps write caches beside their code. */
export function isHarmed({ state, differences }: ReleaseDrift): boolean {
  return state === 'absent' || differences.some(({ what }) => what !== 'added');
}

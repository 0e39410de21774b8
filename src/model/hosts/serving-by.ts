/**
 * How the release of a process is known: its cwd or exe is in the release; it is the process that fleet verified on it; it
 * was started after `current` was last moved to it.
 */
export const SERVING_BY = ['process', 'record', 'start-time'] as const;

export type ServingBy = (typeof SERVING_BY)[number];

/**
 * How it is known which release a process runs: its cwd or exe lies in the release; it is the very
 * process that fleet has verified on it; it was started after `current` was last moved to it.
 */
export const SERVING_BY = ['process', 'record', 'start-time'] as const;

export type ServingBy = (typeof SERVING_BY)[number];

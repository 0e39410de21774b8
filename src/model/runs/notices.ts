/**
 * What people are told of a run: few things, by design. `paused` is a wave that waits for a person's
 * approval. Of `rolled_back`, `recovery_needed` and `ended` each run has one, its end; see {@link isAsked}.
 */
export const NOTICE_KINDS = [
  'start',
  'paused',
  'trip',
  'rolled_back',
  'recovery_needed',
  'ended',
] as const;

export type NoticeKind = (typeof NOTICE_KINDS)[number];

export const LANGUAGES = ['en', 'zh'] as const;

/** Of the texts that people get; commands print English. */
export type Language = (typeof LANGUAGES)[number];

/** Whether a receiver gets a notice: `ended` asks for every end, however the run ended. */
export function isAsked(on: readonly NoticeKind[], kind: NoticeKind): boolean {
  const isEnd = kind === 'rolled_back' || kind === 'recovery_needed';
  return on.includes(kind) || (isEnd && on.includes('ended'));
}

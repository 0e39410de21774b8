import type { Problem, SourceLocation } from '../../errors/fleet-error.js';
import { locate, problemAt, type SourceText, type Span } from './source-text.js';

/** A place in one of several files, worked out to line and column only when it is shown. */
export interface Place {
  readonly source: SourceText;
  readonly span: Span;
}

export const placeLocation = (place: Place): SourceLocation => locate(place.source, place.span);

export const problemIn = (
  place: Place,
  words: { readonly message: string; readonly hint?: string | undefined },
): Problem => problemAt(place.source, place.span, words);

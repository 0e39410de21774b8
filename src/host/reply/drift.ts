import { type ManifestLine, readManifestLine } from '../../artifact/tree/manifest-text.js';
import type { Difference, ReleaseDrift } from '../../model/releases/drift.js';
import { groupBy } from '../../model/text/group-by.js';
import type { HostEvent } from './reply.js';

/** As many lines as the host program reports of one release. */
export const MOST_DIFFERENCES = 2_000;

type DiffersEvent = Extract<HostEvent, { readonly event: 'differs' }>;

/** What `compare` has found of each release. */
export function readDrift(events: readonly HostEvent[]): readonly ReleaseDrift[] {
  const lines = events.filter((event) => event.event === 'differs');
  return events.flatMap((event) => {
    if (event.event !== 'drift') return [];
    const { release, state, by } = event;
    const own = lines.filter((line) => line.release === release);
    const more = own.length >= MOST_DIFFERENCES;
    return [{ release, state, by, differences: differencesIn(own), more }];
  });
}

interface Sided {
  readonly side: DiffersEvent['side'];
  readonly line: ManifestLine;
}

function differencesIn(events: readonly DiffersEvent[]): readonly Difference[] {
  const sided = events.flatMap(({ side, line: text }): readonly Sided[] => {
    const line = readManifestLine(text);
    return line === null ? [] : [{ side, line }];
  });
  return groupBy(sided, ({ line }) => line.path).map(differenceOf);
}

function differenceOf(same: readonly [Sided, ...Sided[]]): Difference {
  const { path } = same[0].line;
  const expected = linesOf(same, 'expected');
  const found = linesOf(same, 'found');
  if (found.length === 0) return { path, what: 'missing' };
  if (expected.length === 0) return { path, what: 'added' };
  const [was, is] = [describe(expected), describe(found)];
  if (was.kind !== is.kind) return { path, what: 'kind', was: was.kind, is: is.kind };
  if (found.some(({ kind }) => kind === 'unread')) return { path, what: 'unreadable' };
  if (expected.some(({ kind }) => kind === 'sum')) return { path, what: 'changed' };
  const what = was.kind === 'link' ? 'link' : 'mode';
  return { path, what, was: was.text, is: is.text };
}

const linesOf = (sided: readonly Sided[], wanted: Sided['side']): readonly ManifestLine[] =>
  sided.filter(({ side }) => side === wanted).map(({ line }) => line);

/** What the lines of one path say it is, and its mode or target. */
function describe(lines: readonly ManifestLine[]): {
  readonly kind: string;
  readonly text: string;
} {
  const own = lines.find(({ kind }) => kind !== 'sum' && kind !== 'unread');
  switch (own?.kind) {
    case 'file':
    case 'folder':
      return { kind: own.kind, text: own.mode.toString(8) };
    case 'link':
      return { kind: 'link', text: own.target };
    case 'other':
      return { kind: 'device, pipe or socket', text: '' };
    default:
      return { kind: 'file', text: '' };
  }
}

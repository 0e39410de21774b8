import * as z from 'zod';
import { shortLine } from '../../errors/printable.js';
import { isReleaseId } from '../../model/names.js';

/** How much of a value is shown. */
const SHOWN = 60;

/**
 * The first invalid field of a line that claims to be the host program's, e.g. `state.run: not a run id:
 * ../../tmp`. Safe to show.
 */
export function explain(kind: 'event' | 'reply', value: unknown, error: z.ZodError): string {
  const named = spoken.safeParse(value);
  if (!named.success) return `${kind}: not JSON of the host program`;
  const [issue] = error.issues;
  const path = issue?.path ?? [];
  const place = [nameOf(kind, named.data.event), ...path.map(String)].join('.');
  const found = path.reduce(fieldOf, value);
  return `${shortLine(place, SHOWN)}: ${issue?.message ?? 'not understood'}${shown(found)}`;
}

const spoken = z.looseObject({ event: z.unknown().optional() });

const nameOf = (kind: 'event' | 'reply', event: unknown): string =>
  kind === 'event' && typeof event === 'string' && /^[a-z_]{1,20}$/.test(event) ? event : kind;

function fieldOf(value: unknown, key: PropertyKey): unknown {
  const found = z.record(z.string(), z.unknown()).safeParse(value);
  if (found.success) return Object.hasOwn(found.data, key) ? found.data[String(key)] : undefined;
  return Array.isArray(value) ? value[Number(key)] : undefined;
}

function shown(value: unknown): string {
  if (value === undefined) return '';
  const text = typeof value === 'object' && value !== null ? '' : String(value);
  return text === '' ? '' : `: ${shortLine(text, SHOWN)}`;
}

/** The release of a marker, if its line names one. */
export function whatMarker(value: unknown): string {
  const { data } = marked.safeParse(value);
  return data !== undefined && isReleaseId(data.id)
    ? `the marker of release ${data.id}`
    : 'the marker of a release';
}

const marked = z.looseObject({ id: z.string() });

import * as z from 'zod';
import { type HostName, hostNameSchema } from '../names.js';
import type { Shape } from '../text/shape.js';

/** A unit file that a run installs on some hosts, where it is the same and replaces the same. */
export const unitFileSchema = () =>
  z.object({
    /** Its name in systemd's folder, e.g. `shop.service` or `job@.service`. */
    name: z.string(),
    hosts: z.array(hostNameSchema()),
    /** As it was rendered for these hosts, or as they have kept it of a release. */
    text: z.string(),
    /** What is installed there now; null if nothing is. */
    before: z.string().nullable(),
    /** What is installed there is not what the current release has brought: someone has changed it. */
    byHand: z.boolean().optional(),
  });

export type UnitFile = Shape<typeof unitFileSchema>;

/** A template as it was read: the name of the unit file, and its text with `{{ names }}`. */
export interface UnitTemplate {
  readonly name: string;
  readonly text: string;
}

/** What each host gets: the name of the file, and its text. */
export type RenderedUnits = ReadonlyMap<HostName, readonly Pick<UnitFile, 'name' | 'text'>[]>;

/** The values by which a template may name them. */
export type TemplateValues = Readonly<Record<string, string>>;

/** The text, or the names in it that have no value. */
export type Rendered =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unknown'; readonly names: readonly string[] };

const PLACE = /\{\{(.*?)\}\}/g;

/** Puts values into a template, as they are. */
export function renderTemplate(text: string, values: TemplateValues): Rendered {
  const names = [...text.matchAll(PLACE)].map(([, name = '']) => name.trim());
  const unknown = [...new Set(names.filter((name) => !Object.hasOwn(values, name)))];
  if (unknown.length > 0) return { kind: 'unknown', names: unknown };
  const filled = text.replace(PLACE, (_, name: string) => values[name.trim()] ?? '');
  return { kind: 'text', text: plain(filled) };
}

/** As the host keeps it: tabs are blanks, and the last line has an end. */
const plain = (text: string): string =>
  `${text.replaceAll('\r\n', '\n').replaceAll('\t', ' ').replace(/\n+$/, '')}\n`;

/** The file in which systemd looks for a unit: an instance comes from its template. */
export function unitFileOf(unit: string): string {
  const [, template, suffix] = /^([^@]+)@.+\.([a-z]+)$/.exec(unit) ?? [];
  return template === undefined ? unit : `${template}@.${suffix}`;
}

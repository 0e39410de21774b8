import * as z from 'zod';
import { SERVICE_ACTIONS } from '../../../model/runs/app.js';
import { expandBraces } from '../../../model/text/braces.js';
import { choice, line, oneOrMore, section, text } from '../../schema/words.js';

const UNIT = /^(?!-)[A-Za-z0-9:_.\\@-]{1,240}\.(service|socket|timer|target|path)$/;
const WANTED = 'the full name of a systemd unit, such as shop.service';

const unit = text(
  /^(?!-)[A-Za-z0-9:_.,{}\\@-]{1,240}\.(service|socket|timer|target|path)$/,
  WANTED,
).superRefine((written, context) => {
  const message = mistakeIn(written);
  if (message !== null) context.addIssue({ code: 'custom', message });
});

function mistakeIn(written: string): string | null {
  const expanded = expandBraces(written);
  if (expanded.kind === 'malformed') return expanded.reason;
  return expanded.texts.map(mistakeInName).find((mistake) => mistake !== null) ?? null;
}

/** systemctl takes neither for the name of a unit, and then shows no other unit either. */
function mistakeInName(name: string): string | null {
  if (!UNIT.test(name)) return `${name} is not ${WANTED}`;
  if (name.startsWith('@')) return `${name} is not the name of a unit: nothing is before the @`;
  const [, template, suffix] = /^([^@]+)@\.([a-z]+)$/.exec(name) ?? [];
  if (template === undefined) return null;
  const instances = `${template}@1.${suffix} or ${template}@{1..4}.${suffix}`;
  return `${name} is a template, which is neither started nor restarted: name an instance, such as ${instances}`;
}

/** The units that are written, with their braces written out, each once. */
export function unitsOf(written: string | readonly string[]): readonly string[] {
  const names = [written].flat().flatMap((name) => {
    const expanded = expandBraces(name);
    if (expanded.kind === 'malformed') throw new TypeError(expanded.reason);
    return expanded.texts;
  });
  return [...new Set(names)];
}

const templateName = text(
  /^[A-Za-z0-9][A-Za-z0-9:_.@-]{0,239}\.(service|socket|timer|target|path)$/,
  'the name of a unit file, such as shop.service or job@.service',
);

const templatePath = line('the path of a template');

const template = z.union(
  [templatePath, z.record(templateName, templatePath, { error: 'a map of unit files' })],
  { error: 'the path of a template, or a map of unit files and their templates' },
);

/** `service:`, its units and what is done to them. */
export const service = section({
  unit: oneOrMore(unit, 'the name of a systemd unit, or a list of them'),
  action: choice(...SERVICE_ACTIONS).optional(),
  scope: choice('system', 'user').optional(),
  template: template.optional(),
});

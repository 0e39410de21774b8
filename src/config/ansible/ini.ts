import type { Problem } from '../../errors/fleet-error.js';
import { problemIn } from '../yaml/place.js';
import type { Span } from '../yaml/source-text.js';
import type { AnsibleGroup, Variable } from './data.js';
import {
  type AnsibleReading,
  addHosts,
  assign,
  groupNamed,
  hold,
  placeIn,
  refuse,
} from './reading.js';
import { pythonLiteral } from './syntax/python-literal.js';
import { shellWords } from './syntax/shell-words.js';

const SECTION = /^\[([^:\]\s]+)(?::([\p{L}\p{N}_]+))?\]\s*(?:#.*)?$/u;
const GROUP_NAME = /^([^:\]\s]+)\s*(?:#.*)?$/;
/** As Python's `splitlines`. */
const LINE_END = /\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/g;

/** A group that was named before the section that makes it one. */
interface Pending {
  readonly state: 'vars' | 'children';
  readonly span: Span;
  readonly parents: string[];
}

interface IniReading extends AnsibleReading {
  readonly pending: Map<string, Pending>;
  section: { readonly name: string; readonly state: string };
}

/**
 * Reads Ansible's INI form: hosts below `[GROUP]`, group names below `[GROUP:children]`, variables
 * below `[GROUP:vars]`. Lines before the first section are hosts of no group. Returns what names a group
 * that neither this file nor one before it makes.
 */
export function readIni(reading: AnsibleReading, content: string): readonly Problem[] {
  const ini: IniReading = {
    ...reading,
    pending: new Map(),
    section: { name: 'ungrouped', state: 'hosts' },
  };
  for (const { text, span } of linesOf(content)) {
    if (text === '' || text.startsWith('#') || text.startsWith(';')) continue;
    const [found, name, state = 'hosts'] = SECTION.exec(text) ?? [];
    if (found !== undefined && name !== undefined) openSection(ini, { name, state }, span);
    else if (text.startsWith('[') && text.endsWith(']')) {
      refuse(ini, placeIn(ini, span), `${text} is not a section`, 'it has spaces, or a : too many');
    } else readLine(ini, text, span);
  }
  return [...ini.pending].map(([name, { span }]) => {
    const words = { message: `there is no group ${name}`, hint: `a section [${name}] makes one` };
    return problemIn(placeIn(ini, span), words);
  });
}

function* linesOf(text: string): Generator<{ readonly text: string; readonly span: Span }> {
  let start = text.startsWith('\ufeff') ? 1 : 0;
  const ends = [...text.matchAll(LINE_END)].map(({ index, 0: found }) => [index, found.length]);
  for (const [end = 0, length = 0] of [...ends, [text.length, 0]]) {
    const line = text.slice(start, end);
    const trimmed = line.trim();
    const at = start + line.indexOf(trimmed);
    yield { text: trimmed, span: { start: at, end: at + trimmed.length } };
    start = end + length;
  }
}

function openSection(ini: IniReading, section: IniReading['section'], span: Span): void {
  const { name, state } = section;
  ini.section = section;
  if (state !== 'hosts' && state !== 'children' && state !== 'vars') {
    const hint = 'a section is [GROUP], [GROUP:children] or [GROUP:vars]';
    return refuse(ini, placeIn(ini, span), `[${name}:${state}] is not a kind of section`, hint);
  }
  if (!ini.data.groups.has(name)) {
    if (state === 'vars' && !ini.pending.has(name)) {
      ini.pending.set(name, { state, span, parents: [] });
    }
    groupNamed(ini, name, placeIn(ini, span));
  }
  const waiting = ini.pending.get(name);
  if (waiting === undefined || state === 'vars') return;
  if (waiting.state === 'vars') ini.pending.delete(name);
  else addPending(ini, name, waiting);
}

/** Puts a group that is there now into those that named it before, and these into theirs. */
function addPending(ini: IniReading, name: string, waiting: Pending): void {
  ini.pending.delete(name);
  const child = ini.data.groups.get(name);
  for (const parent of waiting.parents) {
    const group = ini.data.groups.get(parent);
    const place = placeIn(ini, waiting.span);
    if (group !== undefined && child !== undefined) hold(ini, group, { child, place });
    const above = ini.pending.get(parent);
    if (above?.state === 'children') addPending(ini, parent, above);
  }
}

function readLine(ini: IniReading, text: string, span: Span): void {
  const { name, state } = ini.section;
  const group = ini.data.groups.get(name);
  if (group === undefined) return;
  switch (state) {
    case 'hosts':
      return readHosts(ini, group, { text, span });
    case 'vars':
      return readVariable(ini, name, { text, span });
    case 'children':
      return readChild(ini, group, { text, span });
  }
}

interface Line {
  readonly text: string;
  readonly span: Span;
}

function readHosts(ini: IniReading, group: AnsibleGroup, { text, span }: Line): void {
  const split = shellWords(text, { comments: true });
  if (split.kind === 'malformed') return refuse(ini, placeIn(ini, span), split.reason);
  const [pattern, ...others] = split.words.map((word) => ({
    text: word.text,
    place: placeIn(ini, { start: span.start + word.start, end: span.start + word.end }),
  }));
  if (pattern === undefined) return;
  if (pattern.text.endsWith(':') || pattern.text.trim() === '---') {
    const hint = 'a port follows the colon; is this file YAML?';
    return refuse(ini, pattern.place, `${pattern.text} is not a host name`, hint);
  }
  const variables: [string, Variable][] = [];
  for (const word of others) {
    const equals = word.text.indexOf('=');
    if (equals >= 0) {
      const value = iniValue(word.text.slice(equals + 1), word.place);
      variables.push([word.text.slice(0, equals), value]);
    } else refuse(ini, word.place, `NAME=VALUE is needed here, not ${word.text}`);
  }
  for (const host of addHosts(ini, group, { pattern: pattern.text, place: pattern.place })) {
    // Of a name that is set twice on a line the last counts.
    for (const variable of new Map(variables)) assign(ini, host, variable);
  }
}

function readVariable(ini: IniReading, owner: string, { text, span }: Line): void {
  const equals = text.indexOf('=');
  const place = placeIn(ini, span);
  if (equals < 0) return refuse(ini, place, `NAME=VALUE is needed here, not ${text}`);
  const value = iniValue(text.slice(equals + 1).trim(), place);
  assign(ini, owner, [text.slice(0, equals).trim(), value]);
}

/** A value that Python would read is that; anything else is the text itself. */
function iniValue(text: string, place: Variable['place']): Variable {
  const literal = pythonLiteral(text);
  if (literal?.kind === 'structure') return { value: null, form: 'structure', place };
  return { value: literal === null ? text : literal.value, form: 'plain', place };
}

function readChild(ini: IniReading, group: AnsibleGroup, { text, span }: Line): void {
  const place = placeIn(ini, span);
  const name = GROUP_NAME.exec(text)?.[1];
  if (name === undefined) return refuse(ini, place, `${text} is not a group name`);
  const child = ini.data.groups.get(name);
  if (child !== undefined) return hold(ini, group, { child, place });
  const waiting = ini.pending.get(name);
  if (waiting === undefined) {
    ini.pending.set(name, { state: 'children', span, parents: [group.name] });
  } else waiting.parents.push(group.name);
}

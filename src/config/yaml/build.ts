import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml';
import type { Problem } from '../../errors/fleet-error.js';
import { placeOf } from '../../errors/render-problem.js';
import { pyYamlScalar } from './ansible-scalar.js';
import type { MapEntry, ScalarValue, YamlNode } from './node.js';
import { locate, problemAt, type SourceText, type Span } from './source-text.js';

/**
 * How a text is read. `ansible` is as Ansible reads it: YAML 1.1 with its tags, and of a key that is
 * written twice the last one counts.
 */
export type Dialect = 'plain' | 'ansible';

/** How many nodes all aliases of one file may bring in; more is an alias bomb. */
const MAX_ALIASED_NODES = 20_000;

type Pairs = readonly { readonly key: unknown; readonly value: unknown }[];

/** `open` marks an anchor whose node is still being read: an alias to it would never end. */
interface Building {
  readonly source: SourceText;
  readonly dialect: Dialect;
  readonly problems: Problem[];
  readonly anchors: Map<string, { readonly node: YamlNode; readonly size: number } | 'open'>;
  aliased: number;
  read: number;
}

/** The tree of a parsed document, null where it has none that could be used, and what is wrong. */
export function buildTree(
  source: SourceText,
  contents: Node | null,
  dialect: Dialect,
): { readonly root: YamlNode | null; readonly problems: readonly Problem[] } {
  if (contents === null) return { root: null, problems: [] };
  const problems: Problem[] = [];
  const building: Building = { source, dialect, problems, anchors: new Map(), aliased: 0, read: 0 };
  const root = build(building, contents);
  return { root: building.aliased > MAX_ALIASED_NODES ? null : root, problems };
}

function build(b: Building, node: Node): YamlNode {
  if (isAlias(node)) return resolveAlias(b, node);
  const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
  if (anchor !== undefined) b.anchors.set(anchor, 'open');
  const before = b.read + b.aliased;
  const built = buildPlain(b, node);
  const size = b.read + b.aliased - before;
  if (anchor !== undefined) b.anchors.set(anchor, { node: built, size });
  return built;
}

function buildPlain(b: Building, node: Node): YamlNode {
  b.read += 1;
  const span = spanOf(node);
  if (isSeq(node)) {
    const items = node.items.map((item) => build(b, item as Node));
    return { kind: 'list', span, items, value: items.map((item) => item.value) };
  }
  if (isMap(node)) return buildMap(b, node.items as Pairs, span);
  const scalar = node as Scalar;
  return b.dialect === 'ansible'
    ? ansibleScalar(scalar, span)
    : { kind: 'scalar', span, value: scalarValue(scalar.value) };
}

function ansibleScalar(scalar: Scalar, span: Span): YamlNode {
  const tag = ANSIBLE_TAGS.get(scalar.tag ?? '');
  const isBare = scalar.type === 'PLAIN' && scalar.tag === undefined;
  const value = isBare ? pyYamlScalar(scalar.source ?? '') : scalarValue(scalar.value);
  return { kind: 'scalar', span, value, ...(tag === undefined ? {} : { tag }) };
}

/** The tags of Ansible, which no schema of YAML knows. */
export const ANSIBLE_TAGS: ReadonlyMap<string, 'vault' | 'unsafe'> = new Map([
  ['!vault', 'vault'],
  ['!vault-encrypted', 'vault'],
  ['!unsafe', 'unsafe'],
]);

/** A key of the map itself outranks a merged one; of merged ones the first counts. */
function buildMap(b: Building, pairs: Pairs, span: Span): YamlNode {
  const own = new Map<string, MapEntry>();
  const merged = new Map<string, MapEntry>();
  for (const { key, value } of pairs) {
    const name = keyName(b, key, span);
    if (name === null) continue;
    const keySpan = spanOf(key as Node);
    const node = value === null ? nothingAt(keySpan) : build(b, value as Node);
    if (isMergeKey(key)) merge(b, node, merged);
    else if (own.has(name) && b.dialect === 'plain')
      reportDuplicate(b, { name, keySpan, first: own.get(name) });
    else own.set(name, { keySpan, node });
  }
  for (const [name, entry] of merged) if (!own.has(name)) own.set(name, entry);
  const value = Object.fromEntries([...own].map(([name, entry]) => [name, entry.node.value]));
  return { kind: 'map', span, entries: own, value };
}

function keyName(b: Building, key: unknown, map: Span): string | null {
  const value = isScalar(key) ? key.value : undefined;
  const usable = ['string', 'number', 'boolean'].includes(typeof value) && value !== '__proto__';
  if (usable) return String(value);
  const message = 'this cannot be a key: a key is a plain word';
  b.problems.push(problemAt(b.source, isScalar(key) ? spanOf(key) : map, { message }));
  return null;
}

/** `<<` as a bare word; quoted it is a key like any other. */
function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}

function merge(b: Building, node: YamlNode, into: Map<string, MapEntry>): void {
  const sources = node.kind === 'list' ? node.items : [node];
  for (const source of sources) {
    if (source.kind !== 'map') {
      const message = '<< needs a map, or a list of maps';
      b.problems.push(problemAt(b.source, source.span, { message }));
      continue;
    }
    for (const [name, entry] of source.entries) if (!into.has(name)) into.set(name, entry);
  }
}

function reportDuplicate(
  b: Building,
  key: { readonly name: string; readonly keySpan: Span; readonly first: MapEntry | undefined },
): void {
  const first = locate(b.source, key.first?.keySpan ?? key.keySpan);
  const message = `${key.name} is here a second time; the first is at ${placeOf(first)}`;
  b.problems.push(problemAt(b.source, key.keySpan, { message }));
}

function resolveAlias(b: Building, alias: Alias): YamlNode {
  const span = spanOf(alias);
  const target = b.anchors.get(alias.source);
  if (target === undefined || target === 'open') {
    const message =
      target === 'open'
        ? `*${alias.source} is inside the value that it names`
        : `*${alias.source} names no anchor above it`;
    b.problems.push(problemAt(b.source, span, { message }));
    return nothingAt(span);
  }
  if (b.aliased > MAX_ALIASED_NODES) return nothingAt(span);
  b.aliased += target.size;
  if (b.aliased <= MAX_ALIASED_NODES) return target.node;
  const message = `aliases bring in more than ${MAX_ALIASED_NODES} values; the first one too many is here`;
  b.problems.push(problemAt(b.source, span, { message, hint: 'write the values out' }));
  return nothingAt(span);
}

function spanOf(node: Node): Span {
  const [start, end] = node.range ?? [0, 0];
  return { start, end };
}

const nothingAt = (span: Span): YamlNode => ({ kind: 'scalar', span, value: null });

/** The core schema gives nothing but these and big integers. */
function scalarValue(value: unknown): ScalarValue {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    default:
      return value === null || value === undefined ? null : String(value);
  }
}

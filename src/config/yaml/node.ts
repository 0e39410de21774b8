import type { Span } from './source-text.js';

export type ScalarValue = string | number | boolean | null;

export interface MapEntry {
  readonly keySpan: Span;
  readonly node: YamlNode;
}

/**
 * A YAML value with its place. Aliases and merge keys are resolved: what they bring in is the very
 * node of the anchor, with the place of its text. `value` is the plain data, shared alike.
 */
export type YamlNode =
  | {
      readonly kind: 'scalar';
      readonly span: Span;
      readonly value: ScalarValue;
      /** Ansible's own tags: an encrypted value, and one that is never a template. */
      readonly tag?: 'vault' | 'unsafe' | undefined;
    }
  | {
      readonly kind: 'list';
      readonly span: Span;
      readonly items: readonly YamlNode[];
      readonly value: readonly unknown[];
    }
  | {
      readonly kind: 'map';
      readonly span: Span;
      readonly entries: ReadonlyMap<string, MapEntry>;
      readonly value: Readonly<Record<string, unknown>>;
    };

export type Path = readonly PropertyKey[];

/** A node and its key, where it has one. */
export interface Found {
  readonly node: YamlNode;
  readonly keySpan: Span | null;
}

/** The node at a path, or null where the path leads nowhere. */
export function nodeAt(root: YamlNode, path: Path): Found | null {
  let found: Found = { node: root, keySpan: null };
  for (const key of path) {
    const next = child(found.node, key);
    if (next === null) return null;
    found = next;
  }
  return found;
}

/** The node at a path, or at the longest part of the path that exists. */
export function nearestTo(root: YamlNode, path: Path): Found {
  for (let length = path.length; length > 0; length -= 1) {
    const found = nodeAt(root, path.slice(0, length));
    if (found !== null) return found;
  }
  return { node: root, keySpan: null };
}

function child(node: YamlNode, key: PropertyKey): Found | null {
  switch (node.kind) {
    case 'scalar':
      return null;
    case 'list': {
      const item = node.items[Number(key)];
      return item === undefined ? null : { node: item, keySpan: null };
    }
    case 'map':
      return node.entries.get(String(key)) ?? null;
  }
}

import { readYaml } from '../../yaml/file.js';
import type { YamlNode } from '../../yaml/node.js';
import { locate } from '../../yaml/source-text.js';
import type { ImportFile } from '../imported.js';
import type { Value } from './value.js';

/** A value of a YAML file with its line. */
export interface Located {
  readonly value: Value;
  readonly node: YamlNode;
  readonly line: number;
}

/** A YAML file as keys with their lines; what is wrong with it, if it cannot be read. */
export interface YamlRead {
  readonly root: YamlNode | null;
  readonly problem: { readonly line: number; readonly message: string } | null;
  readonly entriesOf: (node: YamlNode | undefined) => ReadonlyMap<string, Located>;
}

/** Reads YAML as Ansible and Ruby do: 1.1, with their tags left alone. */
export function readYamlValues({ name, text }: ImportFile): YamlRead {
  const { source, root, problems } = readYaml(name, text, 'ansible');
  const [problem] = problems;
  return {
    root,
    problem:
      problem === undefined
        ? null
        : { line: problem.location?.line ?? 1, message: problem.message },
    entriesOf(node) {
      if (node?.kind !== 'map') return new Map();
      return new Map(
        [...node.entries].map(([key, { keySpan, node: inner }]) => [
          key,
          { value: plainOf(inner), node: inner, line: locate(source, keySpan).line },
        ]),
      );
    },
  };
}

function plainOf(node: YamlNode): Value {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(plainOf);
    case 'map':
      return { entries: [...node.entries].map(([key, { node: inner }]) => [key, plainOf(inner)]) };
  }
}

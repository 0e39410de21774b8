import type { Problem } from '../../errors/fleet-error.js';
import type { YamlFile } from '../yaml/file.js';
import { nodeAt, type Path, type YamlNode } from '../yaml/node.js';
import { problemAt } from '../yaml/source-text.js';

/**
 * Settings that are part of the form of `fleet.yaml` but not carried out by this version: each one
 * that asks for something is refused, since a hook that is silently not run is worse than none.
 */
export function notYetAvailable(yaml: YamlFile): readonly Problem[] {
  const { root, source } = yaml;
  if (root === null) return [];
  const environments = nodeAt(root, ['environments'])?.node;
  const names = environments?.kind === 'map' ? [...environments.entries.keys()] : [];
  const layers: Path[] = [[], ...names.map((name) => ['environments', name])];
  return layers
    .flatMap((layer) => asked(root, layer))
    .map(({ node, what }) =>
      problemAt(source, node.span, {
        message: `${what} is not available yet in this version of fleet`,
        hint: 'leave it out',
      }),
    );
}

interface Asked {
  readonly node: YamlNode;
  readonly what: string;
}

function asked(root: YamlNode, layer: Path): readonly Asked[] {
  const at = (...path: Path): YamlNode | undefined => nodeAt(root, [...layer, ...path])?.node;
  const whole = ['notify'].map((key) => ({ node: at(key), what: key }));
  return [...whole.filter((each): each is Asked => each.node !== undefined && !isBlank(each.node))];
}

/** Nothing is asked for by an empty list, or by a map of such. */
function isBlank(node: YamlNode): boolean {
  switch (node.kind) {
    case 'scalar':
      return node.value === null;
    case 'list':
      return node.items.length === 0;
    case 'map':
      return [...node.entries.values()].every((entry) => isBlank(entry.node));
  }
}

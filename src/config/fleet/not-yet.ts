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
  const history = at('history');
  return isText(history, /^rediss?:\/\//) ? [{ node: history, what: 'this kind of history' }] : [];
}

function isText(node: YamlNode | undefined, pattern: RegExp): node is YamlNode {
  return node?.kind === 'scalar' && typeof node.value === 'string' && pattern.test(node.value);
}

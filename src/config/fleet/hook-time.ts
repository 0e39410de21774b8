import { HOOK_RULES } from '../../model/runs/hooks/hooks.js';
import { parseDuration } from '../../model/text/duration.js';
import { nodeAt, type Path, type YamlNode } from '../yaml/node.js';

/**
 * How long the hooks of `after_activate` may take on one host, from what is written in the first layer that
 * has some. The automatic rollback timer runs meanwhile.
 */
export function armedHooksMs(root: YamlNode, layers: readonly Path[]): number {
  for (const layer of layers) {
    const node = nodeAt(root, [...layer, 'hooks', 'after_activate'])?.node;
    if (node?.kind !== 'list') continue;
    return node.items.reduce((sum, hook) => sum + timeoutOf(hook), 0);
  }
  return 0;
}

function timeoutOf(hook: YamlNode): number {
  const node = nodeAt(hook, ['timeout'])?.node;
  const written = node?.kind === 'scalar' ? parseDuration(String(node.value)) : null;
  return written ?? HOOK_RULES.after_activate.timeoutMs;
}

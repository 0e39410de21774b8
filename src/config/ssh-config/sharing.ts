import { type Condition, isFixed, judge } from './condition.js';
import type { SshConfigText } from './files.js';

/**
 * Tells which hosts an ssh_config must answer the same: those with the same key. Null for a host that
 * needs a question of its own. A key costs a look at the `Host` lines; a question costs a process.
 */
export function sharingOf(text: SshConfigText): (address: string) => string | null {
  const sections = [...new Set(text.lines.map((line) => line.conditions))];
  const isOpen =
    text.faults.length > 0 ||
    text.canonicalizes ||
    sections.some((conditions) => !conditions.every(isFixed));
  if (isOpen) return () => null;
  const withTokens = new Set(text.lines.filter(hasTokens).map((line) => line.conditions));
  const withNames = new Set(text.lines.filter(isHostName).map((line) => line.conditions));
  return (address) => {
    // In its second pass ssh holds the name in lower case against the Host lines.
    if (text.hasFinalPass && address !== address.toLowerCase()) return null;
    const truths = sections.map((conditions) => judge(conditions, address, text.hasFinalPass));
    const differs = (conditions: readonly Condition[], index: number): boolean =>
      (withTokens.has(conditions) && truths[index] !== 'no') ||
      (withNames.has(conditions) && truths[index] === 'maybe');
    return sections.some(differs) ? null : truths.join(' ');
  };
}

/** Only where it surely applies can it be told from the name that was asked for. */
const isHostName = ({ keyword }: SshConfigText['lines'][number]): boolean => keyword === 'hostname';

const hasTokens = ({ values }: SshConfigText['lines'][number]): boolean =>
  values.some((value) => value.includes('%'));

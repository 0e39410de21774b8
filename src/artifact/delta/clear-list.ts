import type { Difference } from './difference.js';

/**
 * The list by which a host makes a copy of the base ready for what is unpacked into it, one path a line. A path that
 * ends in a slash is a folder that stays; any other is deleted. A line with a backslash or newline in its path begins
 * with a backslash, and they are escaped as sha256sum(1) does it.
 */
export function clearList({ cleared, kept }: Pick<Difference, 'cleared' | 'kept'>): string {
  const lines = [...cleared, ...kept.map((path) => `${path}/`)];
  return lines.map((path) => `${escaped(path)}\n`).join('');
}

function escaped(path: string): string {
  return /[\\\n]/.test(path) ? `\\${path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}` : path;
}

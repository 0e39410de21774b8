import type { Origin } from '../settings/setting.js';
import type { Place } from '../yaml/place.js';
import { judge } from './condition.js';
import type { SshConfigText } from './files.js';

/** The line that sets a keyword for a host, or the files that may, where only ssh knows. */
export function originOf(text: SshConfigText, keyword: string, address: string): Origin {
  const candidates: Place[] = [];
  for (const line of text.lines) {
    if (line.keyword !== keyword) continue;
    const truth = judge(line.conditions, address, text.hasFinalPass);
    if (truth === 'no') continue;
    candidates.push(line.place);
    if (truth === 'yes') break;
  }
  const [first, ...others] = candidates;
  if (first !== undefined && others.length === 0) return { kind: 'ssh-config', place: first };
  const sources =
    others.length > 0 ? candidates.map(({ source }) => source) : text.sources.values();
  const files = [...sources].map((source) => source.file);
  return { kind: 'ssh-config-files', files: [...new Set(files)] };
}

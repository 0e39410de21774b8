import type { Problem } from '../../errors/fleet-error.js';
import { logLocation, OWN_LOG } from '../../model/history/history-log.js';
import { readHistoryUrl } from '../../model/history/history-url.js';
import type { HistoryLocation } from '../../model/runs/app.js';
import { type LocalBase, localPath } from '../paths/local-path.js';
import type { YamlFile } from '../yaml/file.js';
import { nodeAt } from '../yaml/node.js';
import { problemAt } from '../yaml/source-text.js';

const SQLITE = 'sqlite:';
const LOG = 'log:';

/** `history` of a `fleet.yaml`: null for the file in the state folder; a reference is read when the history is opened. */
export function buildHistory(history: string | undefined, base: LocalBase): HistoryLocation | null {
  if (history === undefined || history === 'sqlite') return null;
  if (history === 'log') return { kind: 'url', url: OWN_LOG };
  if (history.startsWith(LOG)) return logLocation(localPath(history.slice(LOG.length), base));
  if (!history.startsWith(SQLITE)) return { kind: 'url', url: history };
  return { kind: 'sqlite', path: localPath(history.slice(SQLITE.length), base) };
}

/** What is wrong with the URL of a server. What a reference leads to is not known here. */
export function historyProblems({ root, source }: YamlFile): readonly Problem[] {
  const node = root === null ? undefined : nodeAt(root, ['history'])?.node;
  if (node?.kind !== 'scalar' || typeof node.value !== 'string') return [];
  if (!node.value.includes('://')) return [];
  const read = readHistoryUrl(node.value);
  if (!('problem' in read)) return [];
  const { message, hint } = read.problem;
  const problem = problemAt(source, node.span, {
    message: `the URL of the history ${message}`,
    hint,
  });
  return [withoutLogin(problem, node.value)];
}

/** A password that is not escaped may have any character, so all up to the last `@` is starred. */
function withoutLogin(problem: Problem, url: string): Problem {
  const { location } = problem;
  if (location === undefined) return problem;
  const starred = url.replace(/:\/\/.*@/, (login) => `://${'*'.repeat(login.length - 3)}`);
  return { ...problem, location: { ...location, text: location.text.replace(url, starred) } };
}

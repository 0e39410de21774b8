import { FleetError, type Problem } from '../../../errors/fleet-error.js';
import type { Release } from '../release.js';

/** Fewer digits of a commit are too ambiguous. */
const MIN_HEX = 4;

/**
 * The one release that a person means by an id, a commit, a version, or an unambiguous prefix of an id or commit.
 * Throws `release_unknown` or `release_ambiguous`, with the candidates as problems.
 */
export function pickByReference<R extends Release>(candidates: readonly R[], reference: string): R {
  const found = matchReference(candidates, reference);
  const [only] = found;
  if (found.every((one) => one.id === only.id)) return only;
  const ids = new Set(found.map(({ id }) => id));
  throw new FleetError(
    'release_ambiguous',
    `${JSON.stringify(reference.trim())} matches ${ids.size} releases`,
    { hint: 'Type more of it, or the whole id.', problems: candidateList(found) },
  );
}

/**
 * All releases that a reference matches. Whole matches come before prefixes. Throws `release_unknown` if nothing
 * matches.
 */
export function matchReference<R extends Release>(
  candidates: readonly R[],
  reference: string,
): readonly [R, ...R[]] {
  const text = reference.trim();
  for (const matches of [isId, isWhole, isBeginning]) {
    const [first, ...others] = candidates.filter((candidate) => matches(candidate, text));
    if (first !== undefined) return [first, ...others];
  }
  throw new FleetError('release_unknown', `no release is called ${JSON.stringify(text)}`, {
    hint:
      candidates.length === 0
        ? 'There is no release on these hosts yet; deploy one first.'
        : 'Give an id, a commit (4 digits or more) or a version out of these.',
    problems: candidateList(candidates),
  });
}

/** One line a release, newest last as given: what to type, and what it is. */
export function candidateList(releases: readonly Release[]): readonly Problem[] {
  const lines = releases.map(({ id, version, commit }) => {
    const details = [version === id ? null : version, commit === null ? null : commit.slice(0, 12)];
    return [id, ...details.filter((detail) => detail !== null)].join('  ');
  });
  return [...new Set(lines)].map((message) => ({ message }));
}

function isId(release: Release, text: string): boolean {
  return release.id === text;
}

function isWhole(release: Release, text: string): boolean {
  return release.version === text || release.commit === text.toLowerCase();
}

function isBeginning(release: Release, text: string): boolean {
  if (text === '') return false;
  if (release.id.startsWith(text)) return true;
  if (text.length < MIN_HEX || !/^[0-9a-fA-F]+$/.test(text)) return false;
  // Without a commit the id ends in digits of the digest, and those are shown.
  const hex = release.commit ?? release.digest.replace(/^sha256:/, '');
  return hex.startsWith(text.toLowerCase());
}

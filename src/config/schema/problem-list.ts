import type { ErrorCode } from '../../errors/codes.js';
import { FleetError, type Problem } from '../../errors/fleet-error.js';

/** The refusal of a file or of several, with their mistakes in the order of files and lines. */
export function invalid(code: ErrorCode, what: string, problems: readonly Problem[]): FleetError {
  const files = [...new Set(problems.map((problem) => problem.location?.file))];
  const rank = ({ location }: Problem): readonly [number, number, number] => [
    files.indexOf(location?.file),
    location?.line ?? 0,
    location?.column ?? 0,
  ];
  const sorted = problems.toSorted((left, right) => {
    const [a, b] = [rank(left), rank(right)];
    return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
  });
  const count = problems.length === 1 ? 'one mistake' : `${problems.length} mistakes`;
  return new FleetError(code, `${what} has ${count}`, {
    problems: sorted,
    location: sorted[0]?.location,
  });
}

import { FleetError, type Problem } from '../../../src/errors/fleet-error.js';

/** A problem on one line, `3:7 message (hint)`, as the tests compare it. */
export function shown({ location, message, hint }: Problem): string {
  const place = location === undefined ? '' : `${location.line}:${location.column} `;
  return `${place}${message}${hint === undefined ? '' : ` (${hint})`}`;
}

/** The refusal that a call ends in. */
export async function refusalOf(call: () => unknown): Promise<FleetError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof FleetError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** The mistakes that a call is refused for. */
export async function mistakesOf(call: () => unknown): Promise<readonly string[]> {
  return (await refusalOf(call)).problems.map(shown);
}

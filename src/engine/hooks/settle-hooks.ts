import { FleetError } from '../../errors/fleet-error.js';
import type { RunId } from '../../model/names.js';
import type { HookRecord } from './hooks-begun.js';

/** What a person says of hooks whose end no one knows, by name or by turn. */
export interface HookDecisions {
  readonly done: readonly string[];
  readonly again: readonly string[];
}

export interface SettledHook {
  readonly turn: string;
  readonly how: 'done' | 'again';
}

/**
 * The decisions for the hooks that were interrupted. Throws `hook_interrupted` if one has none: to run it again
 * could do its work twice, and to go on without it could leave it out.
 */
export function settleHooks(
  run: RunId,
  records: readonly HookRecord[],
  decisions: HookDecisions,
): readonly SettledHook[] {
  const open = records.filter(({ state }) => state === 'unknown');
  const settled = [
    ...decisions.done.map((text): SettledHook => ({ turn: turnOf(open, text), how: 'done' })),
    ...decisions.again.map((text): SettledHook => ({ turn: turnOf(open, text), how: 'again' })),
  ];
  const left = open.filter(({ turn }) => !settled.some((each) => each.turn === turn));
  const [first] = left;
  if (first === undefined) return settled;
  const problems = left.map(({ name, turn, host }) => ({
    message: `hook ${name} (${turn}) began ${host === null ? 'on the bastion' : `on ${host}`}, and how it ended is unknown`,
  }));
  throw new FleetError('hook_interrupted', `run ${run} cannot continue: a hook was interrupted`, {
    hint: `see what it has done, then: ${choicesFor(run, first.turn)}`,
    problems,
  });
}

/** The two commands that settle an interrupted hook. */
export const choicesFor = (run: RunId, turn: string): string =>
  `fleet resume ${run} --hook-done ${turn} to count it as done, or fleet resume ${run} --hook-again ${turn} to run it again`;

/** The decision as it is counted from here on. */
export function withSettled(
  records: readonly HookRecord[],
  settled: readonly SettledHook[],
): readonly HookRecord[] {
  return records.map((record) => {
    const how = settled.find(({ turn }) => turn === record.turn)?.how;
    if (how === undefined) return record;
    if (how === 'done') return { ...record, state: 'done' };
    return { ...record, state: 'again', attempt: record.attempt + 1 };
  });
}

function turnOf(open: readonly HookRecord[], text: string): string {
  const found = open.filter(({ turn, name }) => turn === text || name === text);
  const [only] = found;
  if (found.length === 1 && only !== undefined) return only.turn;
  const names = open.map(({ turn }) => turn).join(', ');
  throw new FleetError(
    'usage',
    found.length === 0
      ? `no interrupted hook of this run is called ${text}`
      : `several interrupted hooks of this run are called ${text}`,
    { hint: names === '' ? 'leave the flag out: no hook was interrupted' : `use one of: ${names}` },
  );
}

import { join } from 'node:path';
import { fileProblem } from '../../errors/file-problem.js';
import { FleetError } from '../../errors/fleet-error.js';
import { type ActKind, logAct } from '../../history/act-log.js';
import { reasonField } from '../../history/log-file.js';
import { namesText } from '../../model/text/name-ranges.js';
import type { Context } from './context.js';
import { printWarning } from './output.js';

type Fields = Readonly<Record<string, string>>;

/** An act that `deploy.log` records, and how to describe its result. */
interface Deed<Result> {
  readonly kind: ActKind;
  readonly fields: Fields;
  /** Why, in the words of the person. */
  readonly reason?: string | undefined;
  readonly outcome: (result: Result) => Fields;
}

/** Does `work` between two lines of `deploy.log`: the intent, on disk before it begins, and its end. */
export async function noted<Result>(
  context: Context,
  { kind, fields, reason, outcome }: Deed<Result>,
  work: () => Promise<Result>,
): Promise<Result> {
  const { identity, person, clock, stateDir } = context;
  const ended = logAct(
    {
      kind,
      id: context.randomHex(8),
      identity,
      person,
      fields: { ...fields, ...reasonField(reason) },
    },
    {
      file: join(stateDir, 'deploy.log'),
      now: clock.now,
      warn: (message) => printWarning(context, message),
    },
  );
  try {
    const result = await work();
    ended(outcome(result));
    return result;
  } catch (error) {
    ended({ failed: codeOf(error) });
    throw error;
  }
}

function codeOf(error: unknown): string {
  if (error instanceof FleetError) return error.code;
  if (error instanceof Error && error.name === 'AbortError') return 'interrupted';
  return fileProblem(error)?.code ?? 'internal';
}

/** Of a list of host names, in characters. */
const LONGEST_NAMES = 4096;

/** How many hosts, and which. */
export function hostFields(names: readonly string[]): Fields {
  return {
    hosts: `${names.length}`,
    names: names.length === 0 ? '-' : namesText(names, LONGEST_NAMES),
  };
}

/** How many of each kind: `released:2,down:1`. */
export function tally(kinds: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${kind}:${count}`).join(',') || '-';
}

/** Whose claims: `r1 of ada@vm; r2 of bob@vm`. */
export function claimsText(
  claims: readonly { readonly run: string | null; readonly owner: string | null }[],
): string {
  const held = claims.filter(({ run }) => run !== null);
  const texts = new Set(held.map(({ run, owner }) => `${run} of ${owner ?? 'unknown'}`));
  return [...texts].join('; ') || '-';
}

import { lstatSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isPlanFile, parsePlanFile, planFileOf } from '../../engine/plan-file/plan-file.js';
import { fileProblem } from '../../errors/file-problem.js';
import { FleetError } from '../../errors/fleet-error.js';
import { replaceFile } from '../../files/replace-file.js';
import type { Plan } from '../../model/runs/plan.js';
import type { AskedPlan } from '../../model/runs/plan-file.js';
import type { Context } from '../context/context.js';
import { VERSION } from '../context/version.js';
import type { RunOptions } from '../session/run-options.js';
import { flag } from '../session/typed-flags.js';
import type { RolloutRequest } from './prepare-run.js';

/** A plan file that was written. */
export interface WrittenPlan {
  /** As it was typed. */
  readonly path: string;
  readonly digest: string;
}

/** The file of `--out`. */
export interface PlanOutput {
  write(plan: Plan, projectDir: string): WrittenPlan;
}

/**
 * The file of `--out`, null if none is named. Throws before anything is read if a plan cannot be put
 * there: what is there and is no plan file is never replaced.
 */
export function planOutput(
  context: Context,
  options: RunOptions,
  request: RolloutRequest & { readonly dryRun: boolean },
): PlanOutput | null {
  const { out } = options;
  if (out === undefined) return null;
  if (!request.dryRun) {
    throw new FleetError('usage', '--out writes a plan, and this command would carry one out', {
      hint: `add --dry-run, or use fleet plan ${request.kind}`,
    });
  }
  const file = resolve(context.cwd, out);
  refuseOther(file, out);
  const asked = askedBy(options, request);
  return {
    write(plan, projectDir) {
      refuseOther(file, out);
      const text = planFileOf({ plan, asked, version: VERSION, projectDir });
      try {
        replaceFile(file, text);
      } catch (cause) {
        throw fileProblem(cause, 'the plan file') ?? cause;
      }
      return { path: out, digest: parsePlanFile(text, out).digest };
    },
  };
}

/** For a person: what to type next. */
export function writtenLines({ path }: WrittenPlan, options: RunOptions): readonly string[] {
  const where = [
    ...flag('-c', options.config),
    ...options.inventory.flatMap((each) => flag('-i', each)),
  ];
  const words = ['fleet apply', ...where, ...flag('', path).map((word) => word.trim())];
  return [`The plan is in ${path}. To carry it out: ${words.join(' ')}`];
}

/** What of the command line decides a plan. */
export function askedBy(options: RunOptions, request: RolloutRequest): AskedPlan {
  const emergency = request.kind === 'rollback' ? request : { force: false, allAtOnce: false };
  return {
    groups: [...options.group],
    limit: options.limit ?? null,
    maxUnavailable: options.maxUnavailable?.text ?? null,
    force: emergency.force,
    allAtOnce: emergency.allAtOnce,
  };
}

/** An empty file, as `mktemp` makes one, is no one's content. */
function refuseOther(file: string, name: string): void {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (found.isFile() && (found.size === 0 || isPlanFile(textOf(file)))) return;
  throw new FleetError(
    'file_unusable',
    `${name} exists and is no plan file; it was left as it is`,
    {
      hint: 'name another file with --out, or move that one away',
    },
  );
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

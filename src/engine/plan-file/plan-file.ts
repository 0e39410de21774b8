import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { FleetError } from '../../errors/fleet-error.js';
import { safeJson } from '../../errors/unicode-escape.js';
import { loadHostProgram } from '../../host/program.js';
import { PLAN_VERSION, type Plan } from '../../model/runs/plan.js';
import {
  type AskedPlan,
  PLAN_FILE_FORMAT,
  PLAN_FILE_VERSION,
  type PlanFile,
  planFileSchema,
} from '../../model/runs/plan-file.js';
import { portablePlan } from './portable.js';

/** What a plan file is made of. */
export interface PlanFileParts {
  readonly plan: Plan;
  readonly asked: AskedPlan;
  /** Of this fleet. */
  readonly version: string;
  /** The folder of fleet.yaml. */
  readonly projectDir: string;
}

/** The text of a plan file. */
export function planFileOf({ plan, asked, version, projectDir }: PlanFileParts): string {
  const content = {
    format: PLAN_FILE_FORMAT,
    schemaVersion: PLAN_FILE_VERSION,
    fleet: { version, program: loadHostProgram().sha256 },
    asked,
    planVersion: PLAN_VERSION,
    plan: portablePlan(plan, projectDir),
  };
  return `${safeJson({ ...content, digest: digestOf(content) }, 2)}\n`;
}

type Json = Readonly<Record<string, unknown>>;

/** Whether a text is a plan file, of any fleet, whole or not. */
export const isPlanFile = (text: string): boolean => rawOf(text) !== null;

/**
 * The plan in the text of a plan file. Throws `plan_invalid` for anything but what `--out` wrote, to
 * the last character that counts.
 */
export function parsePlanFile(text: string, name: string): PlanFile {
  const raw = rawOf(text);
  if (raw === null) throw invalid(name, 'is not a whole plan file of fleet');
  const { digest, ...content } = raw;
  if (digest !== digestOf(content)) throw invalid(name, 'was changed after fleet had written it');
  if (Number(raw.schemaVersion) > PLAN_FILE_VERSION || Number(raw.planVersion) > PLAN_VERSION) {
    throw invalid(name, `was made by ${makerOf(raw)}, which is newer than this fleet`);
  }
  const found = planFileSchema().safeParse(raw);
  // What the schema does not know would be left out of the comparison.
  if (found.success && isDeepStrictEqual(plain(found.data), raw)) return found.data;
  throw invalid(name, `was made by ${makerOf(raw)}, and this fleet cannot read it whole`);
}

function rawOf(text: string): Json | null {
  try {
    const raw: unknown = JSON.parse(text);
    return isRecord(raw) && raw.format === PLAN_FILE_FORMAT ? raw : null;
  } catch {
    return null;
  }
}

function makerOf({ fleet }: Json): string {
  const version = isRecord(fleet) ? fleet.version : null;
  return typeof version === 'string' ? `fleet ${version.slice(0, 40)}` : 'another fleet';
}

/** The same for the same content, however the JSON is laid out. */
function digestOf(content: unknown): string {
  const text = JSON.stringify(sorted(plain(content)));
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  const keys = Object.keys(value).sort();
  return keys.map((key) => [key, sorted(value[key])]);
}

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function invalid(name: string, what: string): FleetError {
  return new FleetError('plan_invalid', `${name} ${what}; nothing was changed`, {
    hint: 'fetch the file again as it was written, or make a new plan: fleet plan deploy -g GROUP --out FILE',
  });
}

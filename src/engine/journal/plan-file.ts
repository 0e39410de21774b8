import * as z from 'zod';
import { PLAN_VERSION, type Plan, planSchema } from '../../model/runs/plan.js';
import { type Newer, upgradePlan } from './journal-upgrade.js';

/** What plan.json holds. */
export type PlanFile =
  | { readonly kind: 'plan'; readonly plan: Plan }
  /** Written by a newer fleet, in a version that this one does not know. */
  | { readonly kind: 'newer'; readonly newer: Newer }
  /** Not a usable plan of this run. */
  | { readonly kind: 'none' };

const versionShape = z.looseObject({ schemaVersion: z.int().positive().default(1) });
const planShape = planSchema();

/** The plan of a run, whichever fleet wrote it. */
export function parsePlan(content: unknown, run: string): PlanFile {
  const version = versionShape.safeParse(content).data?.schemaVersion;
  if (version === undefined) return { kind: 'none' };
  if (version > PLAN_VERSION) return { kind: 'newer', newer: { version, known: PLAN_VERSION } };
  const plan = planShape.safeParse(version === 1 ? upgradePlan(content) : content).data;
  return plan?.run === run ? { kind: 'plan', plan } : { kind: 'none' };
}

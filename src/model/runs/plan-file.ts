import * as z from 'zod';
import type { Shape } from '../text/shape.js';
import { PLAN_VERSION, planSchema } from './plan.js';

/** The version of the form around the plan. A fleet applies only what it made itself; this names the others. */
export const PLAN_FILE_VERSION = 1;

/** The first key of a plan file, by which it is told from every other JSON. */
export const PLAN_FILE_FORMAT = 'fleet-plan';

/** What of the command line decided the plan, beside what is in the plan. */
const askedSchema = () =>
  z.object({
    /** As typed after `-g` and `-l`. */
    groups: z.array(z.string()),
    limit: z.string().nullable(),
    /** As typed after `--max-unavailable`. */
    maxUnavailable: z.string().nullable(),
    force: z.boolean(),
    allAtOnce: z.boolean(),
  });

export type AskedPlan = Shape<typeof askedSchema>;

/** A plan as `--out` writes it and `fleet apply` reads it. */
export const planFileSchema = () =>
  z.object({
    format: z.literal(PLAN_FILE_FORMAT),
    schemaVersion: z.literal(PLAN_FILE_VERSION),
    /** The fleet that made it; another one may plan otherwise. */
    fleet: z.object({
      version: z.string(),
      program: z.string().describe('SHA-256 of the host program'),
    }),
    asked: askedSchema(),
    planVersion: z.literal(PLAN_VERSION),
    /**
     * Without what may be secret and without what is of one person or machine: no `vars`, no keys, and
     * paths from the folder of fleet.yaml.
     */
    plan: planSchema(),
    digest: z.string().describe('sha256 over all other keys, as JSON with sorted keys'),
  });

export type PlanFile = Shape<typeof planFileSchema>;

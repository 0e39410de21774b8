import * as z from 'zod';
import * as shape from './shapes.js';

const flag = z.boolean('not true or false').optional();
/** Milliseconds that a stop or a start took, up to a year. */
const took = z.int('not a number').min(0, 'below 0').max(31_622_400_000, 'too large').optional();
/** A time span in systemd's format: `1min 30s`, `4.500000s`, `infinity`. */
const span = z
  .string('not a span of time')
  .regex(/^(infinity|\d[0-9a-z. ]{0,63})$/, 'not a span of time')
  .optional();

/** systemd's settings of a unit, as far as they matter to a run. */
const settings = {
  canReload: flag,
  /** Its file has changed since systemd read it. */
  changed: flag,
  killMode: shape.unitWord.optional(),
  stopWithin: span,
  startWithin: span,
  /** How long its last stop, and its last start, took. */
  stopTookMs: took,
  startTookMs: took,
};

/** A unit behind one without a process of its own: wanted by a target, started by a socket, … */
const part = z.object({
  unit: shape.unitName,
  active: shape.unitWord,
  /** Starting the unit of fleet.yaml starts it. */
  started: z.boolean('not true or false').default(false),
  /** Restarting the unit of fleet.yaml restarts it, if it runs. */
  restarted: z.boolean('not true or false').default(false),
  /** What else starts it, `timer` for a path too; null if nothing does. */
  triggered: z.enum(['socket', 'timer'], 'not a trigger').nullable().default(null),
  ...settings,
});

export type UnitPart = Readonly<z.infer<typeof part>>;

/** What a host reports of a unit besides its state, each if it is known; settings by `facts` only. */
export const unitReport = {
  ...settings,
  /** Not running, but healthy: a socket, timer or path waits to start it. */
  onCall: flag,
  /** For a unit without a process: the units behind it that have one. */
  parts: z.array(part, 'not a list').max(1_000, 'a list of more than 1000').readonly().optional(),
  /** Which of those are not healthy. */
  dead: shape.reason.optional(),
};

/** As `facts` and `status` tell it. */
export type UnitReport = Readonly<z.infer<z.ZodObject<typeof unitReport>>>;

/** Whether the login user's systemd exists and outlives the login. */
export const userManager = z
  .enum(['lingers', 'ends-with-login', 'absent'], 'not a state of a user manager')
  .optional();

export type UserManager = NonNullable<z.infer<typeof userManager>>;

import * as z from 'zod';
import { hostNameSchema, releaseIdSchema, runIdSchema } from '../model/names.js';
import { RUN_KINDS } from '../model/run-kind.js';
import { NOTICE_KINDS } from '../model/runs/notices.js';
import { RUN_STATES } from '../model/runs/run.js';
import type { Shape } from '../model/text/shape.js';

/** What is kept of a run that has hundreds of failed hosts: enough for a message. */
export const MOST_HOSTS = 100;

/** Why a run stopped starting hosts. */
const stopSchema = () =>
  z.object({
    why: z.enum([
      'tripped',
      'gate-failed',
      'gate-inconclusive',
      'no-budget',
      'hook-failed',
      'fenced',
    ]),
    wave: z.int().nonnegative().nullable(),
    hosts: z.array(hostNameSchema()).describe('not more than are named in a message'),
    total: z.int().nonnegative().describe('how many hosts it is about'),
    hook: z.string().nullable().describe('its name, if one failed'),
  });

export type Stop = Shape<typeof stopSchema>;

/**
 * One thing that people are told of a run, as data: texts are made of it when it is sent. Names and
 * reasons are from hosts and files, so they may hold any text.
 */
export const noticeSchema = () =>
  z.object({
    kind: z.enum(NOTICE_KINDS),
    run: runIdSchema(),
    seq: z.int().nonnegative().describe('of the event that it is about'),
    at: z.string().describe('RFC 3339, UTC'),
    work: z.enum(RUN_KINDS),
    app: z.string(),
    group: z.string(),
    operator: z.string().describe('user@bastion'),
    reason: z.string().nullable().describe('why, as --reason says'),
    release: z.object({ id: releaseIdSchema(), version: z.string() }),
    from: z
      .array(releaseIdSchema())
      .describe('what the hosts had, most hosts first; not more than are named in a message'),
    counts: z.object({
      hosts: z.int(),
      done: z.int(),
      back: z.int().describe('rolled back'),
      failed: z.int().describe('those with a reason below, also if they are rolled back'),
      skipped: z.int(),
      unchanged: z.int(),
    }),
    failed: z.array(z.object({ host: hostNameSchema(), why: z.string() })),
    wave: z.int().nonnegative().nullable(),
    waves: z.int(),
    stop: stopSchema().nullable(),
    state: z.enum(RUN_STATES).nullable().describe('null before the end, or if it is not known'),
    durationMs: z.number().nullable(),
    next: z.string().nullable().describe('the command to type'),
  });

export type Notice = Shape<typeof noticeSchema>;

/**
 * What is sent at once: one notice; or several that had to wait, in the order in which they happened;
 * or a test that a person has asked for.
 */
export type Letter =
  | { readonly kind: 'notice'; readonly notice: Notice; readonly isTest?: boolean }
  | { readonly kind: 'summary'; readonly notices: readonly [Notice, ...Notice[]] };

/** The last notice of a letter. */
export function lastOf(letter: Letter): Notice {
  return letter.kind === 'notice' ? letter.notice : (letter.notices.at(-1) ?? letter.notices[0]);
}

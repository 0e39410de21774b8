import * as z from 'zod';
import { ERROR_CODES, type ErrorCode } from '../errors/codes.js';
import { DEAD_MAN_TIERS } from '../model/dead-man.js';
import { isReleaseId, type ReleaseId, type RunId } from '../model/names.js';
import { RELEASE_STANDINGS } from '../model/release.js';
import { HOST_PHASES, type StepEvent, type StepReply, VERBS } from './protocol.js';
import { unsafePaths } from './unsafe-path.js';

/** Everything here is remote data: it is checked, never believed. */

// The one place where a checked string becomes a release's or a run's name.
const releaseId = z
  .string()
  .refine(isReleaseId, 'not a release id')
  .transform((text) => text as ReleaseId);
const runId = z
  .string()
  .max(256)
  .transform((text) => text as RunId);
const count = z.int().nonnegative();
const text = z.string().max(65_536);

const phase = z.enum(HOST_PHASES);
const verb = z.enum(VERBS);

const current = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('absent') }),
  z.object({ kind: z.literal('link'), release: releaseId }),
  z.object({ kind: z.literal('foreign'), what: text }),
]);

const state = z.object({
  event: z.literal('state'),
  phase,
  epoch: count,
  run: runId.nullable(),
  owner: text.nullable(),
  txn: text.nullable(),
  from: releaseId.nullable(),
  to: releaseId.nullable(),
  current,
  bootId: text,
  lease: count.nullable().default(null),
  switch: text.nullable().default(null),
  deadline: z.int().nullable().default(null),
  rebooted: z.boolean().default(false),
});

const host = z.object({
  event: z.literal('host'),
  user: text,
  uid: count.default(0),
  machineId: text,
  rootPath: text,
  now: count.nullable().default(null),
  root: z.enum(['ok', 'missing', 'not-writable']),
  freeBytes: count,
  missingTools: z.array(text),
  tools: z.array(text),
  sudo: z.enum(['root', 'ok', 'password', 'absent', 'user']),
  deadMan: z.array(z.enum(DEAD_MAN_TIERS)).default([]),
  guard: z.boolean().default(false),
  missingRights: z.array(text).default([]),
  missingShared: z.array(text),
  unsafe: unsafePaths.default([]),
});

const unit = z.object({
  event: z.literal('unit'),
  unit: text,
  load: text,
  active: text,
  sub: text,
  type: text,
  mainPid: count,
  invocation: text,
  restarts: count,
  serving: releaseId.nullable(),
});

const release = z.object({
  event: z.literal('release'),
  id: releaseId,
  standing: z.enum(RELEASE_STANDINGS),
  since: text,
  complete: z.boolean(),
  meta: z.object({
    id: releaseId,
    version: text,
    commit: text.nullable(),
    digest: text,
    app: text,
    run: runId,
    deployer: text,
    deployedAt: text,
  }),
});

const progress = z.discriminatedUnion('event', [
  z.object({ event: z.literal('linked'), release: text }),
  z.object({ event: z.literal('restarted'), unit: text }),
  z.object({ event: z.literal('probe'), healthy: z.boolean(), reason: text }),
  z.object({ event: z.literal('note'), message: text }),
  z.object({ event: z.literal('guard_unit'), path: text, lines: z.array(text) }),
]) satisfies z.ZodType<StepEvent>;

const hostEvent = z.discriminatedUnion('event', [state, host, unit, release, progress]);

const reply = z.discriminatedUnion('ok', [
  z.object({ verb, ok: z.literal(true), phase, repeated: z.boolean().optional() }),
  z.object({
    verb,
    ok: z.literal(false),
    phase,
    code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
    message: text,
  }),
]) satisfies z.ZodType<StepReply>;

export type StateEvent = z.infer<typeof state>;
export type UnitEvent = z.infer<typeof unit>;
export type ReleaseEvent = z.infer<typeof release>;
/** Whatever a step tells before its reply: readings and progress. */
export type HostEvent = z.infer<typeof hostEvent>;

/** One line of a step's stdout. `noise` is a banner or the like; `malformed` claims to be ours. */
export type ReplyLine =
  | { readonly kind: 'event'; readonly event: HostEvent }
  | { readonly kind: 'reply'; readonly reply: StepReply }
  | { readonly kind: 'journal'; readonly line: string }
  | { readonly kind: 'malformed'; readonly line: string }
  | { readonly kind: 'noise' };

const JOURNAL = '|journal|';

/** Reads one line. A release whose meta can not be read is a note, so that one never hides others. */
export function readLine(line: string): ReplyLine {
  if (line.startsWith(JOURNAL)) return { kind: 'journal', line: line.slice(JOURNAL.length) };
  if (line.startsWith('{"event":')) return readEvent(line);
  if (line.startsWith('{"verb":')) {
    const parsed = reply.safeParse(parseJson(line));
    return parsed.success ? { kind: 'reply', reply: parsed.data } : { kind: 'malformed', line };
  }
  return { kind: 'noise' };
}

function readEvent(line: string): ReplyLine {
  const parsed = hostEvent.safeParse(parseJson(line));
  if (parsed.success) return { kind: 'event', event: parsed.data };
  if (!line.startsWith('{"event":"release"')) return { kind: 'malformed', line };
  const message = `a release's marker can not be understood: ${line.slice(0, 200)}`;
  return { kind: 'event', event: { event: 'note', message } };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

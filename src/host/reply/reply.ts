import * as z from 'zod';
import { SERVING_BY } from '../../model/hosts/serving-by.js';
import { UNKNOWN } from '../../model/releases/choose/earlier.js';
import { RELEASE_STANDINGS } from '../../model/releases/release.js';
import { RUN_KINDS } from '../../model/run-kind.js';
import { DEAD_MAN_TIERS } from '../../model/runs/dead-man.js';
import { VERBS } from '../../model/runs/verb.js';
import { backup, restored } from '../protocol/backup.js';
import { differs, drift } from '../protocol/drift.js';
import { partialUpload } from '../protocol/partial-upload.js';
import {
  HOST_PHASES,
  LINK_LEADS,
  READABLE,
  type StepEvent,
  type StepReply,
} from '../protocol/protocol.js';
import { ROOT_PARTS } from '../protocol/root-parts.js';
import * as shape from '../protocol/shapes.js';
import { COMMAND_FOLDERS, SUDO_STATES } from '../protocol/sudo-state.js';
import { undeletable } from '../protocol/undeletable.js';
import { keptUnitEvent, unitCheckEvent, unitFileEvent } from '../protocol/unit-file.js';
import { unitReport, userManager } from '../protocol/unit-report.js';
import { unsafePaths } from '../protocol/unsafe-path.js';
import { explain, whatMarker } from './bad-line.js';
import { digested, foundFolder, foundShare, toolRecord } from './other-tools.js';
import { REPLY_CODES } from './reply-codes.js';

/** Everything here is remote data: it is checked, never trusted. */

const phase = z.enum(HOST_PHASES, 'not a phase');
const verb = z.enum(VERBS, 'not a verb');
const flag = z.boolean('not true or false');

const current = z.discriminatedUnion(
  'kind',
  [
    z.object({ kind: z.literal('absent') }),
    z.object({
      kind: z.literal('link'),
      release: shape.releaseId,
      target: shape.reason.optional(),
      leads: z.enum(LINK_LEADS, 'not where a link leads').optional(),
    }),
    z.object({ kind: z.literal('foreign'), what: shape.reason }),
  ],
  'not a kind of link',
);

const state = z.object({
  event: z.literal('state'),
  phase,
  epoch: shape.epoch,
  run: shape.runId.nullable(),
  owner: shape.label.nullable(),
  txn: shape.transaction.nullable(),
  from: shape.releaseId.nullable(),
  to: shape.releaseId.nullable(),
  kind: z.enum(RUN_KINDS, 'not a kind of run').nullable().default(null),
  ran: shape.earlier.default(UNKNOWN),
  current,
  left: shape.releaseId.nullable().default(null),
  bootId: shape.bootId,
  lease: shape.seconds.nullable().default(null),
  switch: shape.tier.nullable().default(null),
  deadline: shape.seconds.nullable().default(null),
  rebooted: flag.default(false),
});

/** Names from a list that was asked about; which ones is checked against the step. */
const names = z.array(shape.reason, 'not a list').max(1_000, 'a list of more than 1000');

const host = z.object({
  event: z.literal('host'),
  user: shape.userName.nullable().default(null),
  uid: shape.userId.default(0),
  machineId: shape.machineId,
  rootPath: shape.path,
  session: shape.session,
  now: shape.unixTime.nullable().default(null),
  root: z.enum(['ok', 'missing', 'not-writable'], 'not a state of the root'),
  freeBytes: shape.bytes,
  freeInodes: shape.bytes.nullable().default(null),
  unwritten: z.array(z.enum(ROOT_PARTS, 'not a part of the root'), 'not a list').default([]),
  readOnly: flag.default(false),
  missingTools: names,
  unfitTools: names.default([]),
  tools: names,
  sudo: z.enum(SUDO_STATES, 'not a state of sudo'),
  sudoSaid: shape.label.nullable().default(null),
  systemctlIn: z.enum(COMMAND_FOLDERS, 'not a folder of the system').nullable().default(null),
  otherWays: names.default([]),
  deadMan: z
    .array(z.enum(DEAD_MAN_TIERS, 'not a tier'))
    .max(3, 'more tiers than there are')
    .default([]),
  guard: flag.default(false),
  missingRights: names.default([]),
  sudoVersion: shape.label.nullable().default(null),
  unsafeTimer: flag.default(false),
  missingShared: names,
  unsafe: unsafePaths.default([]),
  userManager,
});

const unit = z.object({
  event: z.literal('unit'),
  unit: shape.unitName,
  load: shape.unitWord,
  active: shape.unitWord,
  sub: shape.unitWord,
  type: shape.unitWord,
  mainPid: shape.processId,
  invocation: shape.invocation,
  restarts: shape.count,
  serving: shape.releaseId.nullable(),
  ...unitReport,
  servingBy: z.enum(SERVING_BY, 'not a way to know it').nullable(),
  pending: flag,
  restarted: flag,
});

const unread = z.object({
  event: z.literal('unread'),
  what: z.enum(READABLE, 'not a thing to be read'),
  why: shape.reason,
});

const beside = z.object({ event: z.literal('beside'), session: shape.session });

const release = z
  .object({
    event: z.literal('release'),
    id: shape.releaseId,
    standing: z.enum(RELEASE_STANDINGS, 'not a standing'),
    since: shape.time,
    complete: flag,
    meta: z.object({
      id: shape.releaseId,
      version: shape.label,
      commit: shape.commit.nullable(),
      digest: shape.digest,
      app: shape.label,
      run: shape.runId,
      deployer: shape.label,
      deployedAt: shape.time,
      bytes: shape.bytes.optional(),
    }),
    kib: shape.count.optional(),
  })
  .refine(({ id, meta }) => meta.id === id, {
    path: ['meta', 'id'],
    message: 'not the id of its marker',
  });

const progress = z.discriminatedUnion('event', [
  z.object({ event: z.literal('linked'), release: shape.releaseName }),
  z.object({ event: z.literal('restarted'), unit: shape.unitName }),
  z.object({ event: z.literal('probe'), healthy: flag, reason: shape.reason }),
  z.object({ event: z.literal('note'), message: shape.reason }),
]) satisfies z.ZodType<StepEvent>;

const hostEvent = z.discriminatedUnion(
  'event',
  [
    state,
    host,
    unit,
    unitFileEvent,
    keptUnitEvent,
    unitCheckEvent,
    release,
    undeletable,
    unread,
    beside,
    foundFolder,
    toolRecord,
    foundShare,
    digested,
    drift,
    differs,
    partialUpload,
    backup,
    restored,
    progress,
  ],
  'not an event',
);

const reply = z.discriminatedUnion(
  'ok',
  [
    z.object({ verb, ok: z.literal(true), phase, repeated: flag.optional() }),
    z.object({
      verb,
      ok: z.literal(false),
      phase,
      code: z.enum(REPLY_CODES, 'not a code of the host program'),
      message: shape.reason,
    }),
  ],
  'not true or false',
) satisfies z.ZodType<StepReply>;

export type StateEvent = z.infer<typeof state>;
export type UnitEvent = z.infer<typeof unit>;
export type ReleaseEvent = z.infer<typeof release>;
/** A line of a release's manifest, as the host keeps it. */
export interface ManifestLine {
  readonly event: 'manifest';
  readonly line: string;
}
/** Everything that a step sends before its reply: readings and progress. */
export type HostEvent = z.infer<typeof hostEvent> | ManifestLine;

/** One line of a step's stdout. `noise` is e.g. a banner; `malformed` claims to be the host program's. */
export type ReplyLine =
  | { readonly kind: 'event'; readonly event: HostEvent }
  | { readonly kind: 'reply'; readonly reply: StepReply }
  /** Of the unit's journal, or of `systemctl status` where that could not be read. */
  | { readonly kind: 'journal'; readonly line: string; readonly isStatus: boolean }
  /** The marker of a release that is not as it should be; to be told, and passed over. */
  | { readonly kind: 'damaged'; readonly message: string }
  /** `why` names the field and is safe to show. */
  | { readonly kind: 'malformed'; readonly why: string }
  | { readonly kind: 'noise' };

const MANIFEST = '|manifest|';
const JOURNAL = '|journal|';
const STATUS = '|status|';

/**
 * Reads one line. A release with a malformed marker is skipped, as if it did not exist, so that one damaged file
 * hides neither the others nor the host.
 */
export function readLine(line: string): ReplyLine {
  for (const mark of [JOURNAL, STATUS]) {
    if (!line.startsWith(mark)) continue;
    return { kind: 'journal', line: line.slice(mark.length), isStatus: mark === STATUS };
  }
  if (line.startsWith(MANIFEST)) {
    const event = { event: 'manifest', line: line.slice(MANIFEST.length) } as const;
    return { kind: 'event', event };
  }
  if (line.startsWith('{"event":')) return readEvent(line);
  if (!line.startsWith('{"verb":')) return { kind: 'noise' };
  const value = parseJson(line);
  const parsed = reply.safeParse(value);
  if (parsed.success) return { kind: 'reply', reply: parsed.data };
  return { kind: 'malformed', why: explain('reply', value, parsed.error) };
}

function readEvent(line: string): ReplyLine {
  const value = parseJson(line);
  const parsed = hostEvent.safeParse(value);
  if (parsed.success) return { kind: 'event', event: parsed.data };
  const why = explain('event', value, parsed.error);
  if (!line.startsWith('{"event":"release"')) return { kind: 'malformed', why };
  const message = `${whatMarker(value)} is ignored: ${why}`;
  return { kind: 'damaged', message };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

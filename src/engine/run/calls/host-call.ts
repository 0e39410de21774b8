import type { Step } from '../../../host/protocol/protocol.js';
import type { HostName } from '../../../model/names.js';
import type { Verb } from '../../../model/runs/verb.js';

/**
 * One call of the host program as data: all that a process needs to carry it out, on this machine or on
 * another. JSON keeps it unchanged.
 */
export interface HostCall {
  /** `renewal`: keeps a claim alive. It does not wait behind the work, and emits no event. */
  readonly kind: 'work' | 'renewal';
  readonly host: HostName;
  readonly txn: string;
  readonly steps: readonly CallStep[];
  readonly limits: CallLimits;
  /** The payload that `stage` reads; null without such a step. */
  readonly payload: CallPayload | null;
}

/** Both in milliseconds. */
export interface CallLimits {
  /** For one try. */
  readonly timeoutMs: number;
  /** How long a call without an answer is retried, from its first try. */
  readonly patienceMs: number;
}

/** A packed release by its content. */
export interface ArtifactName {
  /** Hex SHA-256 of the packed file. */
  readonly sha256: string;
  readonly bytes: number;
  readonly format: 'gzip' | 'zstd' | 'none';
}

/** What `stage` reads: a packed release, without the first bytes, which the host has received before. */
export interface CallPayload extends ArtifactName {
  readonly received: number;
  /** Set if the host fetches it itself: then only the URL is sent. */
  readonly pull?: PullArgs | undefined;
}

/** What a host needs to fetch an archive, without its URL, which may hold a secret. */
export interface PullArgs {
  readonly urlBytes: number;
  readonly caFile: string | null;
}

/** A step whose arguments may hold the time of the try. */
export interface CallStep {
  readonly verb: Verb;
  readonly args: readonly CallArg[];
}

type CallArg = readonly [key: string, value: CallText];

/** Text, or the text before and after the time of the try (RFC 3339, UTC). */
export type CallText = string | { readonly before: string; readonly after: string };

/** Placeholder for the time of the try while steps are built; it is in no call. */
const MARK = '<time of the try>';
/** The placeholder as it is in a version.json. In any other text of that JSON, the quotes are escaped. */
const MARK_IN_JSON = `activated_at":"${MARK}"`;

/** The steps that `make` returns, with placeholders where the time of the try goes. */
export function describeSteps(make: (at: string) => readonly Step[]): readonly CallStep[] {
  return make(MARK).map(({ verb, args }) => ({
    verb,
    args: args.map(describeArg),
  }));
}

/** Only fleet's own keys can hold the time: the value of any other may be any text. */
function describeArg(arg: Step['args'][number]): CallArg {
  const [key, value] = arg;
  if ((key === 'at' || key === 'since') && value === MARK) return [key, { before: '', after: '' }];
  const at = key === 'version' ? value.indexOf(MARK_IN_JSON) : -1;
  if (at === -1) return arg;
  const from = at + MARK_IN_JSON.indexOf(MARK);
  return [key, { before: value.slice(0, from), after: value.slice(from + MARK.length) }];
}

/** The steps of a call, as they are sent at that time. */
export function stepsAt(
  { steps, payload }: Pick<HostCall, 'steps' | 'payload'>,
  at: string,
): readonly Step[] {
  return steps.map(({ verb, args }) => ({
    verb,
    args: [
      ...args.map((arg) => (isText(arg) ? arg : filled(arg, at))),
      ...(verb === 'stage' ? restArgs(payload) : []),
    ],
  }));
}

/** Where the host goes on with an upload. */
function restArgs(payload: CallPayload | null): Step['args'] {
  if (payload === null) return [];
  const { received, bytes, pull } = payload;
  if (pull !== undefined) return pullArgs(pull);
  if (received === 0) return [];
  return [
    ['offset', String(received)],
    ['rest', String(bytes - received)],
  ];
}

function pullArgs({ urlBytes, caFile }: PullArgs): Step['args'] {
  return [
    ['pull', '1'],
    ['rest', String(urlBytes)],
    ...(caFile === null ? [] : ([['ca_file', caFile]] as const)),
  ];
}

const isText = (arg: CallArg): arg is Step['args'][number] => typeof arg[1] === 'string';

function filled([key, value]: CallArg, at: string): Step['args'][number] {
  return [key, typeof value === 'string' ? value : value.before + at + value.after];
}

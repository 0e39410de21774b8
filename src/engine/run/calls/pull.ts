import type { CallOutcome } from '../../../host/client.js';
import type { HostName } from '../../../model/names.js';
import type { CallSubject } from './call-subject.js';
import type { ArtifactName, PullArgs } from './host-call.js';

/** How the hosts of a run fetch its release themselves. */
export interface Pull {
  readonly archive: ArtifactName;
  readonly args: PullArgs;
  readonly onFailure: 'push' | 'fail';
  /** Puts the archive where hosts fetch it, once for all of them. Rejects if that fails. */
  readonly publish: () => Promise<void>;
}

export interface Staging {
  readonly pull: Pull;
  /** Stages by one call. */
  readonly send: (on: CallSubject) => Promise<CallOutcome>;
  readonly warn: (message: string, host: HostName) => void;
}

/** Stages a release that the host fetches itself; if it cannot, the release is sent over SSH, or the host fails. */
export async function stageByPull(
  on: CallSubject,
  { pull, send, warn }: Staging,
): Promise<CallOutcome> {
  const { name } = on.host.host;
  const outcome = await fetched(on, pull, send);
  if (pull.onFailure === 'fail' || !isOfPull(outcome)) return outcome;
  warn(`the release is sent over SSH: ${outcome.failure.message}`, name);
  return send({ ...on, pulled: undefined });
}

async function fetched(
  on: CallSubject,
  { archive, args, publish }: Pull,
  send: Staging['send'],
): Promise<CallOutcome> {
  try {
    await publish();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const failure = { code: 'pull_failed', message: error.message, step: 'stage' } as const;
    return { kind: 'failed', failure, events: [], replies: [] };
  }
  return send({ ...on, pulled: { archive, args } });
}

/** What cannot be fetched, or is another tree than the manifest says, can still be sent. */
const OF_PULL: ReadonlySet<string> = new Set([
  'pull_failed',
  'digest_mismatch',
  'unpack_failed',
  'archive_unsafe',
]);

const isOfPull = (outcome: CallOutcome): outcome is Extract<CallOutcome, { kind: 'failed' }> =>
  outcome.kind === 'failed' && OF_PULL.has(outcome.failure.code);

import type { PreparedRelease } from '../../artifact/prepare.js';
import { type Published, putArchive, uploadArchive } from '../../artifact/publish.js';
import type { ArtifactName } from '../../engine/run/host-call.js';
import type { Pull } from '../../engine/run/pull.js';
import { FleetError } from '../../errors/fleet-error.js';
import type { Plan } from '../../model/runs/plan.js';
import { isPulled } from '../../model/runs/pull.js';
import { readSecret } from '../context/secrets.js';
import type { Session } from '../session/session.js';

/** How the hosts of a run fetch its release themselves, and from where. */
export interface RunPull {
  readonly pull: Pull;
  /** A secret. */
  readonly url: string;
}

/**
 * How the hosts of this plan fetch its release; null if it is sent over SSH. Throws `pull_failed` or
 * `secret_unavailable` before anything was changed.
 */
export async function preparePull(
  { context, interrupts }: Session,
  { plan, archive }: { readonly plan: Plan; readonly archive: PreparedRelease | null },
): Promise<RunPull | null> {
  const { pull: settings } = plan.app.release;
  const hosts = plan.hosts.filter(({ upload, done }) => upload && !done).length;
  if (settings === null || archive === null) return null;
  if (!isPulled(settings, { hosts, bytes: archive.bytes })) return null;
  const { release } = archive;
  const from = settings.url === null ? originalOf(archive) : nameOf(archive);
  const filled = async (text: string): Promise<string> => {
    const found = /^(env|file):/.test(text) ? await readSecret(context, text) : text;
    return found.replaceAll('{sha256}', from.sha256).trim();
  };
  const url = await filled(settings.url ?? originalUrl(archive));
  refuseOdd(url);
  const put = settings.put === null ? null : await filled(settings.put);
  const published: Published = {
    ...from,
    archivePath: archive.archivePath,
    digest: release.digest,
  };
  const options = { env: context.env, signal: interrupts.interrupt };
  const publish = once(async () => {
    if (put !== null) return putArchive(published, put, options);
    if (settings.upload !== null) return uploadArchive(published, settings.upload, options);
  });
  const args = { urlBytes: Buffer.byteLength(url), caFile: settings.caFile };
  return { url, pull: { archive: from, args, onFailure: settings.onFailure, publish } };
}

const nameOf = ({ sha256, bytes, format }: PreparedRelease): ArtifactName => ({
  sha256,
  bytes,
  format,
});

/** The archive of `release.from`, as its publisher made it. */
function originalOf({ original }: PreparedRelease): ArtifactName {
  if (original?.kind === 'fit') return original.archive;
  const why = original?.why ?? 'release.from is not a URL';
  throw new FleetError('pull_failed', `hosts cannot fetch this release themselves: ${why}`, {
    hint: 'Set release.pull.url and put or upload, or remove release.pull from fleet.yaml.',
  });
}

const originalUrl = ({ original }: PreparedRelease): string =>
  original?.kind === 'fit' ? original.url : '';

/** The host program's own check; the URL is in no message. */
function refuseOdd(url: string): void {
  if (/^https:\/\/[^\s"'\\\p{Cc}]+$/u.test(url)) return;
  throw new FleetError(
    'pull_failed',
    'the URL of release.pull is not an https URL, or has quotes or blanks',
  );
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}

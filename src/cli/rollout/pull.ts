import type { PackedRelease } from '../../artifact/packer.js';
import { putArchive, uploadArchive } from '../../artifact/publish.js';
import type { Original } from '../../artifact/source-tree.js';
import type { ArtifactName } from '../../engine/run/calls/host-call.js';
import type { Pull } from '../../engine/run/calls/pull.js';
import { FleetError } from '../../errors/fleet-error.js';
import { isPulled } from '../../model/releases/pulled.js';
import type { Plan } from '../../model/runs/plan.js';
import { readSecret } from '../context/secrets.js';
import type { Session } from '../session/session.js';
import type { Uploads } from './uploads.js';

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
  { plan, uploads }: { readonly plan: Plan; readonly uploads: Uploads | null },
): Promise<RunPull | null> {
  const { pull: settings } = plan.app.release;
  const archive = uploads?.archive ?? null;
  if (settings === null || uploads === null || archive === null || !isPulled(plan)) return null;
  const { original, release } = uploads.read;
  const from = settings.url === null ? originalOf(original) : nameOf(archive);
  const filled = async (text: string): Promise<string> => {
    const found = /^(env|file):/.test(text) ? await readSecret(context, text) : text;
    return found.replaceAll('{sha256}', from.sha256).trim();
  };
  const url = await filled(settings.url ?? originalUrl(original));
  refuseOdd(url);
  const put = settings.put === null ? null : await filled(settings.put);
  const published = { ...from, archivePath: archive.archivePath, digest: release.digest };
  const options = { env: context.env, signal: interrupts.interrupt };
  const publish = once(async () => {
    if (put !== null) return putArchive(published, put, options);
    if (settings.upload !== null) return uploadArchive(published, settings.upload, options);
  });
  const args = { urlBytes: Buffer.byteLength(url), caFile: settings.caFile };
  return { url, pull: { archive: from, args, onFailure: settings.onFailure, publish } };
}

const nameOf = ({ sha256, bytes, format }: PackedRelease): ArtifactName => ({
  sha256,
  bytes,
  format,
});

/** The archive of `release.from`, as its publisher made it. */
function originalOf(original: Original | undefined): ArtifactName {
  if (original?.kind === 'fit') return original.archive;
  const why = original?.why ?? 'release.from is not a URL';
  throw new FleetError('pull_failed', `hosts cannot fetch this release themselves: ${why}`, {
    hint: 'Set release.pull.url and put or upload, or remove release.pull from fleet.yaml.',
  });
}

const originalUrl = (original: Original | undefined): string =>
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

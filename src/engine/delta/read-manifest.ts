import { digestOf, type ManifestEntry } from '../../artifact/tree/manifest.js';
import { readManifest } from '../../artifact/tree/manifest-text.js';
import type { HostClient } from '../../host/client.js';
import { manifestStep } from '../../host/steps/steps.js';
import type { Release } from '../../model/releases/release.js';

const READ_TIMEOUT_MS = 30_000;

/**
 * What is in a release, as a host that has it says. Null if the host cannot say, or says what is not the content with
 * that digest.
 */
export async function manifestOn(
  client: HostClient,
  { id, digest }: Pick<Release, 'id' | 'digest'>,
  signal: AbortSignal,
): Promise<readonly ManifestEntry[] | null> {
  const outcome = await client.run([manifestStep(id)], { timeoutMs: READ_TIMEOUT_MS, signal });
  if (outcome.kind !== 'ok') return null;
  const lines = outcome.events.flatMap((event) => (event.event === 'manifest' ? [event.line] : []));
  return manifestOf(lines.map((line) => `${line}\n`).join(''), digest);
}

/** The entries of a manifest's text, if they are the content with that digest. */
export function manifestOf(text: string, digest: string): readonly ManifestEntry[] | null {
  const entries = readManifest(text);
  return entries !== null && digestOf(entries) === digest ? entries : null;
}
